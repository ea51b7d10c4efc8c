// What the functions of a run stand on: table, queue, event bus and state machine, all in memory, and the functions
// themselves, each made anew in each container.
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { defaultCallbacks } from '../../../functions/acts/default-callbacks.ts';
import { listSnapshots } from '../../../functions/acts/list-jobs.ts';
import type { SweepDeps } from '../../../functions/acts/sweep.ts';
import { withMemory } from '../../../functions/adapters/access-memory.ts';
import { callbackKeys } from '../../../functions/adapters/callback-keys.ts';
import type { Chains } from '../../../functions/adapters/chains.ts';
import { leiaForKey } from '../../../functions/adapters/leia-for-key.ts';
import { controlRoutes } from '../../../functions/control-job.ts';
import { type CallbackRecord, type DeliveryDeps, deliverOne } from '../../../functions/deliver-callback.ts';
import { followBatch } from '../../../functions/follow-mirror.ts';
import type { Status } from '../../../functions/jobs/job.ts';
import { readRoutes } from '../../../functions/read-jobs.ts';
import { callbackRoutes } from '../../../functions/receive-callback.ts';
import { ChainTask, runChain } from '../../../functions/run-chain.ts';
import { authentication } from '../../../functions/runtime/authentication.ts';
import { type HttpLambda, httpFunction } from '../../../functions/runtime/http.ts';
import { sendReleased } from '../../../functions/send-job.ts';
import { sessionRoutes } from '../../../functions/session.ts';
import { submitRoutes } from '../../../functions/submit-job.ts';
import { sweepJobs } from '../../../functions/sweep-jobs.ts';
import { answerStep } from '../../support/answer-step.ts';
import { memoryAccess } from '../../support/memory-access.ts';
import { memoryMirror } from '../../support/memory-mirror.ts';
import { type StateMachine, stateMachine } from '../../support/state-machine.ts';
import type { Faults } from '../faults.ts';
import type { Chance } from '../kernel/chance.ts';
import { type Container, type Lambda, type LambdaFunction, lambdaOf } from '../kernel/lambda.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import { timerIn } from '../kernel/timer.ts';
import { LEIA_URL, type LeiaNetwork } from '../leia/network.ts';
import { type Queue, queue } from './queue.ts';
import { type SecretValue, secretsIn } from './secrets.ts';
import {
  functionTimeoutSeconds,
  leiaTimeoutSeconds,
  settings,
  stepTimeoutSeconds,
  sweepTimeoutSeconds,
} from './settings.ts';
import { stream } from './stream.ts';

/** Root of the bundle's own URLs. */
export const BUNDLE_URL = 'https://bundle.test';

/** An event on the account's bus. */
export type Published = { id: string; job: string; to: Status };

/** A callback that reached its caller. */
export type Told = { id: string; url: string; body: string; acknowledged: boolean };

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
  const lambda = lambdaOf({ scheduler, chance, faults });
  const store = { mirror, access, published, told, counted };
  const makers = makersOf(parts, store, {
    machine: () => machine,
    submissions: () => submissions,
    callbacks: () => callbacks,
  });

  const functions = functionsOf(lambda, makers, { faults, chance });
  const machine = machineOf(parts, functions.runChain, counted);
  const submissions = queue({
    name: 'submissions',
    scheduler,
    chance,
    faults,
    receive: ({ body }) => functions.sendJob.call((send) => send(body)),
    maxReceiveCount: 5,
  });
  const callbacks = queue({
    name: 'callbacks',
    scheduler,
    chance,
    faults,
    receive: (message) => functions.deliverCallback.call((deliver) => deliver(message)),
    maxReceiveCount: settings.callbackTimes.tries,
  });
  const changes = stream({
    scheduler,
    chance,
    faults,
    follow: (records) => functions.followMirror.call((follow) => follow(records)),
  });
  mirror.changes(changes.add);
  return { ...store, machine, submissions, callbacks, changes, functions };
};

type Store = {
  mirror: ReturnType<typeof memoryMirror>;
  access: ReturnType<typeof memoryAccess>;
  published: Published[];
  told: Told[];
  counted: Record<string, number>;
};
type Later = { machine: () => StateMachine; submissions: () => Queue; callbacks: () => Queue };

/** The dependencies of every function, as a container has them. */
const makersOf = ({ scheduler, chance, faults, network, secret }: GroundParts, store: Store, later: Later) => {
  const depsIn = (container: Container): SweepDeps & typeof settings => {
    const secrets = secretsIn(container, secret);
    const toQueue = container.tripTo('queue');
    const toBus = container.tripTo('bus');
    return {
      ...settings,
      mirror: store.mirror.by(container.tripTo('table')),
      access: withMemory(store.access.by(container.tripTo('table')), container.now),
      leiaForKey: leiaForKey(secrets, {
        url: LEIA_URL,
        timeoutSeconds: leiaTimeoutSeconds,
        fetch: network.fetchIn(container),
        timer: timerIn(container, scheduler, chance),
      }),
      callbackKeys: callbackKeys({ secrets, baseUrl: BUNDLE_URL }),
      submissions: {
        put: (ids) =>
          toQueue(`put [${ids}]`, () => {
            for (const id of ids) later.submissions().put(JSON.stringify({ job_id: id }));
          }),
      },
      callbacks: {
        put: (ids) =>
          toQueue(`put callbacks of [${ids}]`, () => {
            for (const id of ids) later.callbacks().put(JSON.stringify({ job_id: id }));
          }),
      },
      chains: chainsIn(container, later.machine),
      events: {
        publish: (events) =>
          toBus(`publish [${events.map(({ id }) => id)}]`, () => {
            store.published.push(...events.map(({ id, job, to }) => ({ id, job: job.id, to })));
          }),
      },
      now: container.now,
      count: (metric, value = 1) => {
        store.counted[metric] = (store.counted[metric] ?? 0) + value;
      },
      warn: (message, about) => scheduler.note(() => `${container.call} warns: ${message} ${JSON.stringify(about)}`),
    };
  };
  const httpDepsIn = (container: Container) => {
    const deps = depsIn(container);
    return {
      ...deps,
      authenticate: authentication({ ...deps, secrets: secretsIn(container, secret) }),
      largeAnswers: { keep: async () => Promise.reject(new Error('no answer of a run is so large')) },
      lists: listSnapshots({ maxAgeSeconds: 30, now: container.now }),
      random: chance.bytes,
      randomToken: () => chance.hex(43),
      fail: (message: string, error: unknown) =>
        scheduler.note(() => `${container.call} fails: ${message}: ${String(error)}`),
    };
  };
  const deliveryDepsIn = (container: Container): DeliveryDeps => {
    const toCaller = container.tripTo('caller');
    return {
      ...depsIn(container),
      secrets: secretsIn(container, secret),
      defaultCallbacks: defaultCallbacks({ maxAgeSeconds: 60, now: container.now }),
      putOff: (handle, seconds) =>
        container.tripTo('queue')(`put off ${handle}`, () => later.callbacks().putOff(handle, seconds)),
      callers: {
        post: async ({ url, headers, body }) => {
          const post = () => {
            const acknowledged = !faults.strikes('caller-fails');
            store.told.push({ id: headers['webhook-id'] ?? '', url, body, acknowledged });
            return acknowledged;
          };
          // Whatever becomes of it is an answer.
          const acknowledged = await toCaller(`POST ${url}`, post).catch(() => false);
          return acknowledged
            ? { outcome: 'acknowledged', answer: 'HTTP 204' }
            : { outcome: 'failed', answer: 'HTTP 503' };
        },
      },
      fail: (message, error) => scheduler.note(() => `${container.call} fails: ${message}: ${String(error)}`),
    };
  };
  return { depsIn, httpDepsIn, deliveryDepsIn };
};

const chainsIn = (container: Container, machine: () => StateMachine): Chains => {
  const trip = container.tripTo('chains');
  return {
    start: (id) => trip(`start ${id}`, () => void machine().start(id, { job_id: id })),
    stop: (id) => trip(`stop ${id}`, () => void machine().stop(id)),
    answer: (token, ok) => trip(`answer ${token}: ${ok}`, () => void answerStep(machine(), token, ok)),
    running: () => trip('list executions', () => new Set(machine().running())),
    state: (id) =>
      trip(`describe ${id}`, () => {
        const state = machine().state(id);
        return state === undefined ? 'absent' : state === 'RUNNING' ? 'running' : 'ended';
      }),
  };
};

type Makers = ReturnType<typeof makersOf>;
type Follow = (records: DynamoDBRecord[]) => Promise<DynamoDBBatchResponse>;

const functionsOf = (
  lambda: Lambda,
  { depsIn, httpDepsIn, deliveryDepsIn }: Makers,
  { faults, chance }: { faults: Faults; chance: Chance },
) => {
  const timeoutSeconds = functionTimeoutSeconds;
  const http = {
    'submit-job': lambda<HttpLambda>({
      name: 'submit-job',
      timeoutSeconds,
      make: (c) => httpFunction('submit-job', submitRoutes, httpDepsIn(c)),
    }),
    'control-job': lambda<HttpLambda>({
      name: 'control-job',
      timeoutSeconds,
      make: (c) => httpFunction('control-job', controlRoutes, httpDepsIn(c)),
    }),
    'read-jobs': lambda<HttpLambda>({
      name: 'read-jobs',
      timeoutSeconds,
      make: (c) => httpFunction('read-jobs', readRoutes, httpDepsIn(c)),
    }),
    session: lambda<HttpLambda>({
      name: 'session',
      timeoutSeconds,
      make: (c) => httpFunction('session', sessionRoutes, httpDepsIn(c)),
    }),
    'receive-callback': lambda<HttpLambda>({
      name: 'receive-callback',
      timeoutSeconds,
      make: (c) => httpFunction('receive-callback', callbackRoutes, httpDepsIn(c)),
    }),
  };
  return {
    http,
    sendJob: lambda({
      name: 'send-job',
      timeoutSeconds,
      make: (container) => {
        const deps = depsIn(container);
        return (body: string) => sendReleased(body, deps);
      },
    }),
    deliverCallback: lambda({
      name: 'deliver-callback',
      timeoutSeconds,
      make: (container) => {
        const deps = deliveryDepsIn(container);
        return (record: CallbackRecord) => deliverOne(record, deps);
      },
    }),
    followMirror: lambda<Follow>({
      name: 'follow-mirror',
      timeoutSeconds,
      make: (container) => {
        const deps = { ...depsIn(container), fail: () => {} };
        return (records) => followBatch(records, deps);
      },
    }),
    runChain: lambda({
      name: 'run-chain',
      timeoutSeconds,
      make: (container) => {
        const deps = depsIn(container);
        return (task: unknown) => runChain(ChainTask.parse(task), deps);
      },
    }),
    sweepJobs: lambda({
      name: 'sweep-jobs',
      timeoutSeconds: sweepTimeoutSeconds,
      make: (container) => {
        const deps = depsIn(container);
        return (owner: string) => sweepJobs(deps, owner);
      },
      skew: () => (faults.strikes('clock-skew') ? chance.between(-300_000, 300_000) : 0),
    }),
  };
};

const jobOf = (task: unknown): string => ChainTask.parse(task).job_id;

/** What Step Functions makes of a Lambda that died. */
class Unknown extends Error {
  override name = 'Lambda.Unknown';
}

const machineOf = (
  { scheduler, chance, faults, definition }: GroundParts,
  run: LambdaFunction<(task: unknown) => Promise<object>>,
  counted: Record<string, number>,
): StateMachine => {
  const reply = async (task: unknown): Promise<object> => {
    const outcome = await run.call((runTask) => runTask(task));
    if (outcome.outcome === 'done') return outcome.value;
    counted.TaskFailed = (counted.TaskFailed ?? 0) + 1;
    throw outcome.outcome === 'failed' ? outcome.error : new Unknown('the container died');
  };
  const machine: StateMachine = stateMachine(definition, {
    now: scheduler.now,
    invoke: async (task) => {
      const wait = chance.happens(0.5) ? chance.between(5, 200) : chance.between(5, 3000);
      await scheduler.sleep(wait, `the state machine asks for ${JSON.stringify(task)}`);
      const isStep = typeof task === 'object' && task !== null && 'task_token' in task;
      if (isStep)
        scheduler.after(
          stepTimeoutSeconds * 1000,
          () => 'the time of a step is up',
          () => void machine.timeOut(),
        );
      if (faults.strikes('execution-died')) {
        const die = () => void machine.stop(jobOf(task), chance.pick(['ABORTED', 'TIMED_OUT']));
        scheduler.after(chance.between(0, 30_000), () => `execution ${jobOf(task)} dies`, die);
      }
      if (faults.strikes('task-again')) await reply(task).catch(() => {});
      const answer = await reply(task);
      if (!faults.strikes('task-answer-lost')) return answer;
      counted.TaskFailed = (counted.TaskFailed ?? 0) + 1;
      throw new Unknown('the answer got lost');
    },
    ended: (name, status) => {
      if (status === 'SUCCEEDED' || faults.strikes('execution-end-lost')) return;
      const tell = () => void reply({ action: 'execution-ended', job_id: name }).catch(() => {});
      scheduler.after(chance.between(100, 3000), () => `execution ${name} is ${status}`, tell);
    },
  });
  return machine;
};
