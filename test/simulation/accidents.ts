// What comes by itself in a run: sweeps by the clock, and faults that strike at no request in particular.
import { isFinished } from '../leia/rules/model.ts';
import { forget } from '../leia/rules/transitions.ts';
import { sweepIntervalSeconds } from './cloud/settings.ts';
import type { FaultKind } from './faults.ts';
import { START } from './kernel/scheduler.ts';
import type { Stage } from './run.ts';

export const accidents = (stage: Stage): void => {
  const { network, leia, secret, chance } = stage;
  scheduleSweeps(stage);
  spells(stage, 'leia-down', 'down', [10_000, 300_000]);
  spells(stage, 'leia-silent', 'silent', [10_000, 200_000]);
  spells(stage, 'key-refused', 'refusing', [10_000, 200_000]);
  moments(stage, 'token-expired', () => leia.tokens.clear());
  moments(stage, 'secret-rotated', () => {
    const { current, previous } = secret.callback_secrets;
    // Whoever rotates it again while jobs signed with the first are under way loses them: the runbook says so.
    if (previous !== undefined) return;
    secret.callback_secrets = { current: 'the second secret of callbacks', previous: current };
  });
  moments(stage, 'job-vanished', () => withSomeJob(stage, (id) => forget(leia.world, id)));
  moments(stage, 'job-hidden', () =>
    withSomeJob(stage, (id) => {
      network.hidden.add(id);
      stage.scheduler.after(
        chance.between(1000, 25_000),
        () => `LEIA shows ${id} again`,
        () => network.hidden.delete(id),
      );
    }),
  );
};

const scheduleSweeps = ({ scheduler, chance, faults, sweep, until }: Stage): void => {
  for (let at = START + chance.below(60_000); at < until; at += sweepIntervalSeconds * 1000) {
    scheduler.after(
      at - START,
      () => 'it is time to sweep',
      () => {
        if (!faults.strikes('sweep-missed')) sweep();
        if (faults.strikes('sweep-twice')) scheduler.after(chance.below(30_000), () => 'and to sweep again', sweep);
      },
    );
  }
};

/** Times in which LEIA as a whole is otherwise. */
const spells = (
  { scheduler, chance, faults, network, until }: Stage,
  kind: FaultKind,
  state: Stage['network']['weather']['state'],
  [shortest, longest]: [number, number],
): void => {
  for (let nth = faults.times(kind); nth > 0; nth -= 1) {
    const begin = (): void => {
      faults.met(kind);
      network.weather.state = state;
    };
    const end = (): void => {
      network.weather.state = 'up';
    };
    const from = chance.below(until - START);
    scheduler.after(from, () => `LEIA is ${state}`, begin);
    scheduler.after(from + chance.between(shortest, longest), () => 'LEIA is up', end);
  }
};

const moments = ({ scheduler, chance, faults, until }: Stage, kind: FaultKind, strike: () => void): void => {
  for (let nth = faults.times(kind); nth > 0; nth -= 1) {
    const go = (): void => {
      faults.met(kind);
      strike();
    };
    scheduler.after(chance.below(until - START), () => kind, go);
  }
};

const withSomeJob = ({ leia, chance }: Stage, act: (id: string) => void): void => {
  const [first, ...others] = [...leia.world.jobs.values()].filter(
    ({ status }) => !isFinished(status) || chance.happens(0.3),
  );
  if (first) act(chance.pick([first, ...others]).id);
};
