// npx leia-jobs: its commands and their options. What they do is in the files beside this one.
import { Command } from 'commander';
import * as z from 'zod';
import { addAbsence, addRedrive, addRepair } from './acting.ts';
import { type Around, answered } from './answered.ts';
import { jobSightOf } from './job.ts';
import { whole } from './options.ts';
import { showJob } from './show-job.ts';
import { showStatus } from './show-status.ts';
import { statusOf } from './status.ts';
import { showSweep, sweepNow } from './sweep.ts';

/** The program, which has done nothing until it is given its arguments. */
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
