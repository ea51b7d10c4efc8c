// Clock, timers and chance of what runs in a container.
import type { Timer } from '../../../functions/adapters/leia-deadline.ts';
import type { Chance } from './chance.ts';
import type { Container } from './lambda.ts';
import type { Scheduler } from './scheduler.ts';

export const timerIn = (container: Container, scheduler: Scheduler, chance: Chance): Timer => ({
  now: () => scheduler.now(),
  timeout: (millis) => {
    const controller = new AbortController();
    let cleared = false;
    const late = () => {
      if (!cleared) controller.abort(new DOMException('The operation timed out', 'TimeoutError'));
    };
    scheduler.after(
      millis,
      () => `${container.name}: ${millis} ms are over`,
      () => container.deliver(late),
    );
    const clear = () => {
      cleared = true;
    };
    return { signal: controller.signal, clear };
  },
  pause: (millis) =>
    new Promise<void>((resolve) => {
      scheduler.after(
        millis,
        () => `${container.name} has paused`,
        () => container.deliver(resolve),
      );
    }),
  random: () => chance.below(1000) / 1000,
});
