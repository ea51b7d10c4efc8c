// Lambda: containers that serve one call at a time, keep their memory between calls, and may die at any request they
// make. Of a container that has died nothing runs on; what a function left floating when it answered freezes, and goes
// on if its container is called again, which may be never.
import type { Trip } from '../../support/trip.ts';
import type { Faults } from '../faults.ts';
import type { Chance } from './chance.ts';
import type { Scheduler } from './scheduler.ts';

export type Container = {
  name: string;
  alive: boolean;
  /** The call that it serves. */
  call: string | undefined;
  /** Its own clock, in epoch milliseconds. */
  now(): number;
  /** Requests of what runs in it to one outside system. */
  tripTo(system: string): Trip;
  /** Hands an answer to what waits in it. */
  deliver(answer: () => void): void;
  /** Whether it dies at this request, before it is sent or after it took effect. */
  crashAt(what: string): 'before' | 'after' | undefined;
  die(why: string): void;
};

export type Outcome<T> = { outcome: 'done'; value: T } | { outcome: 'failed'; error: unknown } | { outcome: 'crashed' };

export type LambdaFunction<F> = {
  call<T>(act: (made: F) => Promise<T>): Promise<Outcome<T>>;
};

export type LambdaOptions<F> = {
  name: string;
  timeoutSeconds: number;
  /** Makes the function in a new container. */
  make: (container: Container) => F;
  /** How far a new container's clock is off, in milliseconds. */
  skew?: () => number;
};

export type Lambda = <F>(options: LambdaOptions<F>) => LambdaFunction<F>;

type Machine = { scheduler: Scheduler; chance: Chance; faults: Faults };

/** A message of AWS that the SDK has given up to repeat. */
class ThrottlingException extends Error {
  override name = 'ThrottlingException';
}

/** One call in so many finds no container that is warm. */
const COLD = 6;

type Warm<F> = Container & { made: F; frozen: (() => void)[]; crashed: () => void };

export const lambdaOf = (machine: Machine): Lambda => {
  let calls = 0;
  return <F>({ name, timeoutSeconds, make, skew = () => 0 }: LambdaOptions<F>) => {
    const { scheduler, chance } = machine;
    let idle: Warm<F>[] = [];
    const takeOne = (): Warm<F> => {
      const index = chance.below(COLD) === 0 ? -1 : chance.below(Math.max(1, idle.length));
      const warm = idle[index];
      // One that is passed over is not kept for ever.
      if (index < 0) idle = idle.slice(1);
      else idle = idle.filter((one) => one !== warm);
      return warm ?? newContainer(machine, { name, make, skew });
    };
    const call = <T>(act: (made: F) => Promise<T>): Promise<Outcome<T>> =>
      new Promise((resolve) => {
        const container = takeOne();
        calls += 1;
        const its = `${name}#${calls}`;
        const end = (outcome: Outcome<T>): void => {
          inTime();
          container.call = undefined;
          if (container.alive) idle.push(container);
          scheduler.after(
            chance.between(1, 20),
            () => `${its} ${said(outcome)}`,
            () => resolve(outcome),
          );
        };
        const inTime = scheduler.after(
          timeoutSeconds * 1000,
          () => `${its} has run out of time`,
          () => container.die(`${its} is ended`),
        );
        container.call = its;
        container.crashed = () => end({ outcome: 'crashed' });
        for (const thaw of container.frozen.splice(0)) {
          scheduler.after(
            chance.between(1, 10),
            () => `${its} thaws`,
            () => container.deliver(thaw),
          );
        }
        act(container.made).then(
          (value) => container.call === its && container.alive && end({ outcome: 'done', value }),
          (error: unknown) => container.call === its && container.alive && end({ outcome: 'failed', error }),
        );
      });
    return { call };
  };
};

const said = (outcome: Outcome<unknown>): string =>
  outcome.outcome === 'failed' ? `fails: ${String(outcome.error)}` : outcome.outcome;

const newContainer = <F>(
  { scheduler, chance, faults }: Machine,
  { name, make, skew }: Required<Pick<LambdaOptions<F>, 'name' | 'make' | 'skew'>>,
): Warm<F> => {
  const off = skew();
  const frozen: (() => void)[] = [];
  const ifAwake = (go: () => void): void => {
    if (!container.alive) return;
    if (container.call === undefined) frozen.push(go);
    else go();
  };
  const container: Container & { crashed: () => void } = {
    name,
    alive: true,
    call: undefined,
    crashed: () => {},
    now: () => scheduler.now() + off,
    deliver: ifAwake,
    crashAt: () => (faults.strikes('crash') ? chance.pick(['before', 'after']) : undefined),
    die: (why) => {
      if (!container.alive) return;
      scheduler.note(() => `${container.call} DIES: ${why}`);
      container.alive = false;
      container.crashed();
    },
    tripTo: (system) => (what, effect) =>
      new Promise((resolve, reject) => ifAwake(() => setOut({ system, what, effect, resolve, reject }))),
  };
  type Going<T> = {
    system: string;
    what: string;
    effect: () => T;
    resolve: (answer: T) => void;
    reject: (error: unknown) => void;
  };
  const setOut = <T>({ system, what, effect, resolve, reject }: Going<T>): unknown => {
    const its = container.call;
    const crash = container.crashAt(what);
    if (crash === 'before') return container.die(`before ${system}: ${what}`);
    const throttled = !crash && faults.strikes('throttled');
    const lost = !crash && !throttled && faults.strikes('answer-lost');
    const fate = throttled ? ' – throttled' : lost ? ' – its answer gets lost' : '';
    const arrive = (): unknown => {
      if (throttled) return back(() => reject(new ThrottlingException(`${system}: ${what}`)));
      const answer = carriedOut(effect);
      if (crash) return container.die(`after ${system}: ${what}`);
      if ('error' in answer) return back(() => reject(answer.error));
      return back(lost ? () => reject(new Error(`no answer from ${system}: ${what}`)) : () => resolve(answer.value));
    };
    const back = (deliver: () => void): unknown =>
      scheduler.after(
        latency({ chance, faults }),
        () => `${its} ← ${what}`,
        () => container.deliver(deliver),
      );
    return scheduler.after(latency({ chance, faults }), () => `${its} → ${system}: ${what}${fate}`, arrive);
  };
  return Object.assign(container, { made: make(container), frozen });
};

const carriedOut = <T>(effect: () => T): { value: T } | { error: unknown } => {
  try {
    return { value: effect() };
  } catch (error) {
    return { error };
  }
};

/** Milliseconds, one way. */
const latency = ({ chance, faults }: Pick<Machine, 'chance' | 'faults'>): number =>
  faults.strikes('slow-request')
    ? chance.between(2000, 35_000)
    : chance.below(20) === 0
      ? chance.between(20, 300)
      : chance.between(1, 8);
