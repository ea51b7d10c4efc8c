// The kernel of the simulation: order by time and seed, and containers that die.
import { describe, expect, it } from 'vitest';
import { faultsOf } from './faults.ts';
import { chanceOf } from './kernel/chance.ts';
import { type Container, lambdaOf } from './kernel/lambda.ts';
import { scheduler } from './kernel/scheduler.ts';

const setStage = (seed = 1) => {
  const chance = chanceOf(seed);
  const time = scheduler(chance, { traced: true });
  const faults = { ...faultsOf(chance), strikes: () => false };
  const done: string[] = [];
  let container: Container | undefined;
  const double = lambdaOf({ scheduler: time, chance, faults })({
    name: 'double',
    timeoutSeconds: 29,
    make: (made) => {
      container = made;
      const trip = made.tripTo('table');
      return async (what: string) => {
        await trip('one', () => done.push(`${what} one`));
        await trip('two', () => done.push(`${what} two`));
      };
    },
  });
  return { time, done, double, container: () => container };
};

describe('the scheduler', () => {
  it('lets things happen in the order of their instants, and nothing in between', async () => {
    const time = scheduler(chanceOf(1), { traced: false });
    const happened: string[] = [];
    time.after(
      20,
      () => 'late',
      () => happened.push('late'),
    );
    time.after(
      10,
      () => 'early',
      () => void Promise.resolve().then(() => happened.push('early, and what follows')),
    );
    await time.run();
    expect(happened).toEqual(['early, and what follows', 'late']);
  });

  it('lets the seed decide between things of one instant', async () => {
    const orders = new Set<string>();
    for (let seed = 1; seed <= 20; seed += 1) {
      const time = scheduler(chanceOf(seed), { traced: false });
      const happened: string[] = [];
      for (const name of ['a', 'b'])
        time.after(
          5,
          () => name,
          () => happened.push(name),
        );
      await time.run();
      orders.add(happened.join(''));
    }
    expect([...orders].toSorted()).toEqual(['ab', 'ba']);
  });
});

describe('a container', () => {
  it('does the work of a call request by request', async () => {
    const { time, done, double } = setStage();
    const outcome = double.call((act) => act('a'));
    await time.run();
    expect(await outcome).toMatchObject({ outcome: 'done' });
    expect(done).toEqual(['a one', 'a two']);
  });

  it('that has died runs no later code of its call, though a request on its way arrives', async () => {
    const { time, done, double, container } = setStage();
    const outcome = double.call((act) => act('a'));
    container()?.die('of this test');
    await time.run();
    expect(await outcome).toEqual({ outcome: 'crashed' });
    expect(done).toEqual(['a one']);
  });
});
