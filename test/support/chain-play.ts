// One chain from its submission to its end, in one process: the real run-chain and what follows from each change, the
// synthesized state machine, and a LEIA that ends children as planned. What happens next is drawn.
import type { JobRecord } from '../../functions/jobs/job.ts';
import { newJob } from '../../functions/jobs/new-job.ts';
import type { JobRequest } from '../../functions/jobs/request.ts';
import { ChainTask } from '../../functions/run-chain.ts';
import { answerStep } from './answer-step.ts';
import { interruptions, type PlayDeps, runChainWithStumbles, streamWithRepeats } from './chain-play/accidents.ts';
import { leiaOfPlan, type Move } from './chain-play/leia.ts';
import { type Plan, submitted, TRIGGER } from './chain-play/plans.ts';
import { APPLICATION, aBoundJob, id, T0, times } from './jobs.ts';
import { memoryMirror } from './memory-mirror.ts';
import { type StateMachine, stateMachine } from './state-machine.ts';

export const CHAIN = id(0xc);

/** A number from 0 up to, but not including, `below`. */
export type Draw = (below: number) => number;

export type Played = {
  chain: JobRecord | undefined;
  /** Its text. */
  result: string | null;
  /** In the order of rules and entries. */
  children: JobRecord[];
  /** What LEIA was sent, by job id. */
  requests: Map<string, JobRequest>;
  machine: StateMachine;
  /** What each token was answered with, as often as it was. */
  answers: Map<string, boolean[]>;
  /** What happened, line by line. */
  story: () => string;
};

/** @param definition of the state machine, as `chainDefinition` gives it */
export const playChain = async (definition: string, plan: Plan, draw: Draw): Promise<Played> => {
  const stage = setStage(definition, plan, draw);
  await submit(stage.mirror, plan);
  while (await stage.goesOn()) {
    const moves = stage.moves();
    const chosen = new Set(Array.from({ length: 1 + draw(3) }, () => draw(moves.length)));
    await Promise.all(moves.filter((_, index) => chosen.has(index)).map(stage.make));
    if (draw(2) === 0) await quiet();
  }
  const { mirror, requests, machine, answers, story } = stage;
  const [chain, children] = await Promise.all([mirror.job(CHAIN), mirror.children(CHAIN)]);
  const result = chain ? await mirror.result(chain) : null;
  return {
    chain,
    result,
    children,
    requests,
    machine,
    answers,
    story: () => story.join('\n'),
  };
};

/** Everything here is microtasks. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const submit = async (mirror: PlayDeps['mirror'], plan: Plan): Promise<void> => {
  const prerequisite = aBoundJob({ id: TRIGGER, status: 'PROCESSING' });
  await mirror.create(prerequisite);
  const request = submitted(plan);
  const names = { id: CHAIN, submitter: APPLICATION, application: APPLICATION, fingerprint: '' };
  await mirror.create(newJob({ ...names, request, prerequisite }, T0, times), request);
};

/** Everything that takes part, and what can happen next. */
const setStage = (definition: string, plan: Plan, draw: Draw) => {
  const world = worldOf(definition, plan);
  const { mirror, machine, deps, queue, calls, story } = world;
  const stream = streamWithRepeats(deps, mirror, draw);
  const timeOut = (token: string): boolean => machine.fail(token, 'States.Timeout');
  const leia = leiaOfPlan({ plan, mirror, latest: stream.latest, timeOut });
  const interruption = interruptions(plan, deps, { chain: CHAIN, machine });
  const requests = new Map<string, JobRequest>();
  let happened = 0;

  const send = async (): Promise<void> => {
    const [job = ''] = queue.splice(draw(queue.length), 1);
    const request = await leia.take(job);
    if (request) requests.set(job, request);
  };
  const moves = (): Move[] => [
    ...stream.moves(),
    ...(queue.length > 0 ? [{ what: 'send-job', go: send }] : []),
    ...leia.moves(),
    ...calls.moves(),
    ...interruption.moves(happened),
  ];
  const make = ({ what, go }: Move): Promise<void> => {
    happened += 1;
    story.push(what);
    return go();
  };
  /** Whether there is anything left to do, once all are done with what they do, or time goes by. */
  const goesOn = async (): Promise<boolean> => {
    if (moves().length === 0) await quiet();
    if (moves().length > 0) return true;
    happened = Number.POSITIVE_INFINITY;
    return moves().length > 0 || world.letAWeekPass() > 0;
  };
  return { ...world, requests, moves, make, goesOn };
};

const worldOf = (definition: string, plan: Plan) => {
  const story: string[] = [];
  const mirror = memoryMirror();
  const queue: string[] = [];
  const answers = new Map<string, boolean[]>();
  let now = T0;
  const calls = runChainWithStumbles(plan, (what) => story.push(what));
  const invoke = (payload: unknown): Promise<object> => calls.call(ChainTask.parse(payload), deps);
  const machine = stateMachine(definition, { now: () => now, invoke });
  const deps: PlayDeps = {
    mirror,
    submissions: { put: async (ids) => void queue.push(...ids) },
    chains: {
      start: async (name) => void machine.start(name, { job_id: name }),
      stop: async (name) => void machine.stop(name),
      answer: async (token, ok) => {
        answers.set(token, [...(answers.get(token) ?? []), ok]);
        answerStep(machine, token, ok);
      },
    },
    callbacks: { put: async () => {} },
    events: { publish: async () => {} },
    now: () => now,
    count: () => {},
    warn: () => {},
  };
  const letAWeekPass = (): number => {
    story.push('a week goes by');
    now += 7 * 86_400_000;
    return machine.timeOut();
  };
  return { story, mirror, queue, answers, calls, machine, deps, letAWeekPass };
};
