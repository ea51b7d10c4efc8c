// The commands of `npx leia-jobs` that change something: each says first what it would do, to how many.
import { type Command, Option } from 'commander';
import * as z from 'zod';
import { Stage, Status, statuses } from '../../functions/jobs/job.ts';
import { judgeAbsence, showAbsence, type Verdict } from './absence.ts';
import { type Around, Asking, agreed, answered } from './answered.ts';
import { Failure } from './failure.ts';
import { time, whole } from './options.ts';
import { type Redriven, showRedriven, showSources, sourcesOf } from './redrive.ts';
import { type Action, plan, repair, showPlan, showRepaired } from './repairs.ts';
import { type Filter, select } from './select.ts';
import type { Site } from './site.ts';
import type { Terminal } from './terminal.ts';
import { jobs as jobsText } from './words.ts';

export const addRedrive = (parent: Command, around: Around): void => {
  const { terminal } = around;
  parent
    .command('redrive')
    .description('tries again what was given up: dead letters, missed sweeps, unheard deaths, changes not followed')
    .argument('[what...]', 'only these, by the names that it lists')
    .option('--yes', 'without asking')
    .option('--dry-run', 'only say what there is')
    .action(
      answered(around, async (site, command) => {
        const options = Asking.parse(command.opts());
        const sources = await sourcesOf(site, command.args);
        const found = sources.map(({ redrive: _act, ...source }) => source);
        if (options.dryRun || sources.length === 0)
          return { answer: { found, redriven: [] }, text: showSources(sources) };
        terminal.note(showSources(sources));
        if (!(await agreed(terminal, options, 'Redrive them?')))
          return { answer: { found, redriven: [] }, text: 'Nothing was done.' };
        const redriven: Redriven[] = [];
        for (const source of sources)
          redriven.push(
            await source.redrive((done) => terminal.progress(`${source.name}: ${done} of ${source.count}`)),
          );
        terminal.progress('');
        const failed = redriven.some(({ failures }) => failures.length > 0);
        return { answer: { found, redriven }, text: showRedriven(redriven), failed };
      }),
    );
};

const Filters = z.object({
  status: Status.optional(),
  stage: Stage.optional(),
  application: z.string().optional(),
  type: z.string().optional(),
  reason: z.string().optional(),
  createdAfter: z.string().optional(),
  createdBefore: z.string().optional(),
  all: z.boolean().optional(),
  most: z.number(),
});

export const addRepair = (
  parent: Command,
  around: Around,
  { action, description }: { action: Action; description: string },
): void => {
  parent
    .command(action)
    .description(description)
    .argument('[ids...]', 'jobs, by our ids or LEIA’s')
    .addOption(new Option('--status <status>', 'in this status').choices(statuses))
    .addOption(new Option('--stage <stage>', 'at this stage of the way to LEIA').choices(Stage.options))
    .option('--application <id>', 'submitted by this application')
    .option('--type <job type>', 'of this type, such as predict or conditional')
    .option('--reason <text>', 'with this text in the reason of their failure')
    .option('--created-after <time>', 'created after', time)
    .option('--created-before <time>', 'created before', time)
    .option('--all', 'all that can be, where nothing else says which')
    .option('--most <number>', 'act on no more than so many', whole, 1000)
    .option('--yes', 'without asking')
    .option('--dry-run', 'only say what would be done')
    .action(answered(around, (site, command) => repairJobs({ site, terminal: around.terminal, action, command })));
};

type Repairing = { site: Site; terminal: Terminal; action: Action; command: Command };

const repairJobs = async ({ site, terminal, action, command }: Repairing) => {
  const { most, ...filters } = Filters.parse(command.opts());
  const options = Asking.parse(command.opts());
  const kind = action === 'cancel' ? 'unfinished' : 'failed or unsent';
  const { jobs, more } = await select(site, filterOf(filters, command.args), { kind, most });
  const planned = await plan(site, action, jobs);
  const found = planned.map(({ job, does }) => ({ job_id: job.id, status: job.status, stage: job.stage, would: does }));
  const ids = planned.filter(({ acts }) => acts).map(({ job }) => job.id);
  const none = { matched: found, more, repairs: [], failures: [] };
  if (options.dryRun || ids.length === 0) return { answer: none, text: showPlan(planned, more) };
  terminal.note(showPlan(planned, more));
  if (!(await agreed(terminal, options, `${action === 'cancel' ? 'Cancel' : 'Resubmit'} ${jobsText(ids.length)}?`)))
    return { answer: none, text: 'Nothing was done.' };
  const repaired = await repair(site, { action, ids }, (done) => terminal.progress(`${done} of ${ids.length}`));
  terminal.progress('');
  return {
    answer: { ...none, ...repaired },
    text: showRepaired(repaired),
    failed: repaired.failures.length > 0,
  };
};

const filterOf = ({ type, ...filters }: Omit<z.infer<typeof Filters>, 'most'>, ids: readonly string[]): Filter => {
  const { status, stage, application, reason, createdAfter, createdBefore, all = false } = filters;
  return {
    ids,
    all,
    ...(status ? { status } : {}),
    ...(stage ? { stage } : {}),
    ...(application ? { application } : {}),
    ...(type ? { jobType: type } : {}),
    ...(reason ? { reason } : {}),
    ...(createdAfter ? { createdAfter } : {}),
    ...(createdBefore ? { createdBefore } : {}),
  };
};

const Judging = z.object({
  leiaIsRight: z.boolean().optional(),
  jobsAreLost: z.boolean().optional(),
  hours: z.number(),
  ...Asking.shape,
});

const questions: Record<Exclude<Verdict, 'look'>, string> = {
  'leia-is-right': 'End the halt?',
  'jobs-are-lost': 'Let every job FAIL that LEIA does not know, however many they are?',
};

export const addAbsence = (parent: Command, around: Around): void => {
  const { terminal } = around;
  parent
    .command('absence')
    .description('whether jobs of an application FAIL that LEIA does not know, and your word on it')
    .argument('<application>', 'the id of the submitter')
    .option('--leia-is-right', 'LEIA knows them again: ends the halt')
    .option('--jobs-are-lost', 'LEIA has lost them for good: they FAIL, however many they are, …')
    .option('--hours <number>', '… for so long', whole, 2)
    .option('--yes', 'without asking')
    .action(
      answered(around, async (site, command) => {
        const { leiaIsRight, jobsAreLost, hours, ...options } = Judging.parse(command.opts());
        if (leiaIsRight && jobsAreLost) throw new Failure('--leia-is-right or --jobs-are-lost: it cannot be both');
        const verdict: Verdict = leiaIsRight ? 'leia-is-right' : jobsAreLost ? 'jobs-are-lost' : 'look';
        const submitter = command.args[0] ?? '';
        const before = await judgeAbsence(site, { submitter, verdict: 'look' });
        const unchanged = { answer: before, text: showAbsence(before, site.now()) };
        if (verdict === 'look') return unchanged;
        terminal.note(unchanged.text);
        if (!(await agreed(terminal, options, questions[verdict]))) return { ...unchanged, text: 'Nothing was done.' };
        const answer = await judgeAbsence(site, { submitter, verdict, seconds: hours * 3600 });
        return { answer, text: showAbsence(answer, site.now()) };
      }),
    );
};
