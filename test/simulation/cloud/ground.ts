// What the functions of a run stand on: table, queues, event bus and state machine, all in memory.
import type { Status } from '../../../functions/jobs/job.ts';
import { memoryAccess } from '../../support/memory-access.ts';
import { memoryMirror } from '../../support/memory-mirror.ts';
import type { Faults } from '../faults.ts';
import type { Chance } from '../kernel/chance.ts';
import { lambdaOf } from '../kernel/lambda.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { LeiaNetwork } from '../leia/network.ts';
import { machineOf } from './chains.ts';
import { makersOf } from './dependencies.ts';
import { functionsOf } from './functions.ts';
import { queue } from './queue.ts';
import type { SecretValue } from './secrets.ts';
import { settings } from './settings.ts';
import { stream } from './stream.ts';

/** An event on the account's bus. */
export type Published = { id: string; job: string; to: Status };

/** A callback that reached its caller. */
export type Told = { id: string; url: string; body: string; acknowledged: boolean };

/** A step of a chain will begin after so many milliseconds. */
export type StepListener = (chain: string, millis: number) => void;

export type GroundParts = {
  scheduler: Scheduler;
  chance: Chance;
  faults: Faults;
  network: LeiaNetwork;
  secret: () => SecretValue;
  /** The state machine's text. */
  definition: string;
};

export type Ground = ReturnType<typeof groundOf>;

export const groundOf = (parts: GroundParts) => {
  const { scheduler, chance, faults } = parts;
  const mirror = memoryMirror({
    toIndexes: (show) =>
      void scheduler.after(
        faults.strikes('index-lag') ? chance.between(500, 5000) : chance.between(1, 30),
        () => 'the indexes show it',
        show,
      ),
  });
  const access = memoryAccess();
  const published: Published[] = [];
  const told: Told[] = [];
  const counted: Record<string, number> = {};
  const lambda = lambdaOf({ scheduler, chance: chance.of('lambda'), faults });
  const store = { mirror, access, published, told, counted };
  const makers = makersOf(parts, store, {
    machine: () => machine,
    submissions: () => submissions,
    callbacks: () => callbacks,
  });

  const functions = functionsOf(lambda, makers, { faults, chance });
  const listeners = new Set<StepListener>();
  const stepBegins: StepListener = (chain, millis) => {
    for (const listener of listeners) listener(chain, millis);
  };
  const machine = machineOf({
    ...parts,
    chance: chance.of('chains'),
    run: functions.runChain,
    counted,
    stepBegins,
  });
  const submissions = queue({
    name: 'submissions',
    scheduler,
    chance: chance.of('submissions'),
    faults,
    receive: ({ body }) => functions.sendJob.call((send) => send(body)),
    maxReceiveCount: 5,
  });
  const callbacks = queue({
    name: 'callbacks',
    scheduler,
    chance: chance.of('callbacks'),
    faults,
    receive: (message) => functions.deliverCallback.call((deliver) => deliver(message)),
    maxReceiveCount: settings.callbackTimes.tries,
  });
  const changes = stream({
    scheduler,
    chance: chance.of('stream'),
    faults,
    follow: (records) => functions.followMirror.call((follow) => follow(records)),
  });
  mirror.changes(changes.add);
  const onStep = (listener: StepListener): void => void listeners.add(listener);
  return { ...store, machine, submissions, callbacks, changes, functions, onStep };
};

export type Store = {
  mirror: ReturnType<typeof memoryMirror>;
  access: ReturnType<typeof memoryAccess>;
  published: Published[];
  told: Told[];
  counted: Record<string, number>;
};
