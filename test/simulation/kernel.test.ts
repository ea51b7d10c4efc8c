// The kernel of the simulation: order by time and seed, and containers that die.
import { describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { chanceOf } from './kernel/chance.ts';
import { type Container, lambdaOf } from './kernel/lambda.ts';
import { type Scheduler, scheduler } from './kernel/scheduler.ts';

/** What happens when so many things are to happen, each after its time. */
const orderOf = async (seed: number, things: Record<string, number>): Promise<string> => {
  const time = scheduler(chanceOf(seed), { traced: false });
  const happened: string[] = [];
  for (const [name, millis] of Object.entries(things)) {
    const go = () => void Promise.resolve().then(() => happened.push(name));
    time.after(millis, () => name, go);
  }
  await time.run();
  return happened.join('');
};

describe('the scheduler', () => {
  it('lets things happen in the order of their instants', async () => {
    expect(await orderOf(1, { b: 20, a: 10, c: 30 })).toBe('abc');
  });

  it('lets the seed decide between things of one instant', async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) orders.add(await orderOf(seed, { a: 5, b: 5 }));
    expect([...orders].toSorted()).toEqual(['ab', 'ba']);
  });
});

type Stage = { time: Scheduler; done: string[]; call: () => Promise<unknown>; container: () => Container | undefined };

/** A function that makes two requests. */
const setStage = (): Stage => {
  const chance = chanceOf(1);
  const time = scheduler(chance, { traced: false });
  const done: string[] = [];
  let container: Container | undefined;
  const twice = lambdaOf({ scheduler: time, chance, faults: { ...faultsOf(chance), strikes: () => false } })({
    name: 'twice',
    timeoutSeconds: 29,
    make: (made) => {
      container = made;
      const trip = made.tripTo('table');
      return async () => {
        await trip('one', () => done.push('one'));
        await trip('two', () => done.push('two'));
      };
    },
  });
  return { time, done, call: () => twice.call((act) => act()), container: () => container };
};

describe('a container', () => {
  it('does the work of a call request by request', async () => {
    const { time, done, call } = setStage();
    const outcome = call();
    await time.run();
    expect(await outcome).toMatchObject({ outcome: 'done' });
    expect(done).toEqual(['one', 'two']);
  });

  it('that has died runs no later code of its call, though a request on its way arrives', async () => {
    const { time, done, call, container } = setStage();
    const outcome = call();
    container()?.die('of this test');
    await time.run();
    expect(await outcome).toEqual({ outcome: 'crashed' });
    expect(done).toEqual(['one']);
  });
});
