// npx leia-jobs: its commands and their options. What they do is in the files beside this one.
import { Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { Stage, Status, statuses } from '../../functions/jobs/job.ts';
import { toInstant } from '../../functions/jobs/timestamp.ts';
import { judgeAbsence, showAbsence, type Verdict } from './absence.ts';
import { Failure } from './failure.ts';
import { jobSightOf } from './job.ts';
import type { PlaceOptions } from './place.ts';
import { type Redriven, showRedriven, showSources, sourcesOf } from './redrive.ts';
import { type Action, plan, repair, showPlan, showRepaired } from './repairs.ts';
import { type Filter, select } from './select.ts';
import { showJob } from './show-job.ts';
import { showStatus } from './show-status.ts';
import type { Site } from './site.ts';
import { statusOf } from './status.ts';
import { showSweep, sweepNow } from './sweep.ts';
import type { Terminal } from './terminal.ts';
import { jobs as jobsText } from './words.ts';

export type Around = {
  terminal: Terminal;
  /** The deployment that the options mean. */
  connect: (options: PlaceOptions) => Promise<Site>;
};

const Everywhere = z.object({
  name: z.string(),
  local: z.boolean().optional(),
  aws: z.boolean().optional(),
  json: z.boolean().optional(),
});
const Asking = z.object({ yes: z.boolean().optional(), dryRun: z.boolean().optional() });

export const program = (around: Around): Command => {
  const command = new Command('leia-jobs')
    .description('Looks at a deployment of leia-jobs, and repairs it. docs/runbook.md says when to do what.')
    .option('--name <name>', 'the deployment’s setting `name`', 'leia-jobs')
    .option(
      '--local',
      'the local run of npm start; taken by itself when it runs and no AWS is named in the environment',
    )
    .option('--aws', 'AWS, though a local run is at work')
    .option('--json', 'answer with JSON')
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(--help says more)');
  addStatus(command, around);
  addJob(command, around);
  addSweep(command, around);
  addRedrive(command, around);
  addRepair(command, around, {
    action: 'cancel',
    description: 'cancels unfinished jobs, as a client would: those given, or those that all options fit',
  });
  addRepair(command, around, {
    action: 'resubmit',
    description:
      'sends unsent jobs now, and submits FAILED ones as new jobs: those given, or those that all options fit',
  });
  addAbsence(command, around);
  return command;
};

const whole = (text: string): number => {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number from 1 on.');
  return number;
};

const time = (text: string): string => {
  const found = toInstant(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
  if (found === undefined)
    throw new InvalidArgumentError('It must be a time such as 2026-01-31 or 2026-01-31T12:00:00Z.');
  return found;
};

/** Connects, acts and answers, in the way that --json asks for. */
const answered =
  <T>(
    { terminal, connect }: Around,
    act: (site: Site, command: Command) => Promise<{ answer: T; text: string; failed?: boolean }>,
  ) =>
  async (...args: unknown[]): Promise<void> => {
    const command = args.at(-1);
    if (!(command instanceof Command)) throw new Error('commander gives the command last');
    const options = Everywhere.parse(command.optsWithGlobals());
    const site = await connect({
      name: options.name,
      ...(options.local ? { local: true } : {}),
      ...(options.aws ? { aws: true } : {}),
    });
    if (!options.json) terminal.note(site.says);
    const { answer, text, failed } = await act(site, command);
    terminal.answer(options.json ? JSON.stringify(answer, null, 2) : text);
    if (failed) throw new Failure('not everything was done');
  };

const addStatus = (parent: Command, around: Around): void => {
  parent
    .command('status')
    .description('what waits where: jobs by age, chains, queues, failed batches, sweeps, breakers, LEIA')
    .option('--most <number>', 'read no more jobs of a lane and application than this', whole, 10_000)
    .option('--no-leia', 'do not ask LEIA')
    .action(
      answered(around, async (site, command) => {
        const options = z.object({ most: z.number(), leia: z.boolean() }).parse(command.opts());
        const answer = await statusOf(site, options);
        return { answer, text: showStatus(answer, site.now()) };
      }),
    );
};

const addJob = (parent: Command, around: Around): void => {
  parent
    .command('job')
    .description('everything that is known of one job')
    .argument('<id>', 'our id, or LEIA’s')
    .action(
      answered(around, async (site, command) => {
        const answer = await jobSightOf(site, command.args[0] ?? '');
        return { answer, text: showJob(answer, site.now()) };
      }),
    );
};

const addSweep = (parent: Command, around: Around): void => {
  parent
    .command('sweep')
    .description('sweeps now, and says what each lane came to')
    .action(
      answered(around, async (site) => {
        const began = site.now();
        const answer = await sweepNow(site, around.terminal);
        return { answer, text: showSweep(answer, site.now() - began) };
      }),
    );
};

const addRedrive = (parent: Command, around: Around): void => {
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

const addAbsence = (parent: Command, around: Around): void => {
  parent
    .command('absence')
    .description('whether jobs of an application FAIL that LEIA does not know, and your word on it')
    .argument('<application>', 'the id of the submitter')
    .option('--leia-is-right', 'LEIA knows them again: ends the halt')
    .option('--jobs-are-lost', 'LEIA has lost them for good: they FAIL, however many they are, …')
    .option('--hours <number>', '… for so long', whole, 2)
    .action(
      answered(around, async (site, command) => {
        const Verdicts = {
          leiaIsRight: z.boolean().optional(),
          jobsAreLost: z.boolean().optional(),
          hours: z.number(),
        };
        const { leiaIsRight, jobsAreLost, hours } = z.object(Verdicts).parse(command.opts());
        if (leiaIsRight && jobsAreLost) throw new Failure('--leia-is-right or --jobs-are-lost: it cannot be both');
        const verdict: Verdict = leiaIsRight ? 'leia-is-right' : jobsAreLost ? 'jobs-are-lost' : 'look';
        const submitter = command.args[0] ?? '';
        const answer = await judgeAbsence(site, { submitter, verdict, seconds: hours * 3600 });
        return { answer, text: showAbsence(answer, site.now()) };
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

const addRepair = (
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

/** @throws Failure where nobody can be asked */
const agreed = async (terminal: Terminal, { yes }: z.infer<typeof Asking>, question: string): Promise<boolean> => {
  if (yes) return true;
  const answer = terminal.confirm(question);
  if (answer === undefined) throw new Failure('nobody is here to confirm this: say --yes, or --dry-run to only look');
  return answer;
};
