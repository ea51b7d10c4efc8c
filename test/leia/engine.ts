import type { Callback } from './rules/callbacks.ts';
import { settleCallback, takeDueCallbacks } from './rules/callbacks.ts';
import type { Clock } from './rules/clock.ts';
import { advance } from './rules/time.ts';
import type { World } from './rules/world.ts';

/** Sends a callback once; tells the receiver's status, or that there was none. */
export type SendCallback = (callback: Callback) => Promise<number | 'unreachable'>;

/** Drives the rules by the clock: the only place with a timer. */
export type Engine = {
  /** Brings the world up to the clock, sends what callbacks are due, and sees to it that this happens again in time. */
  poke(): void;
  close(): void;
};

const longestTimer = 2 ** 31 - 1;

export const createEngine = (world: World, clock: Clock, send: SendCallback): Engine => {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const deliver = async (callback: Callback): Promise<void> => {
    const outcome = await send(callback);
    settleCallback(world.callbacks, clock.now(), callback, outcome);
    poke();
  };

  const poke = (): void => {
    if (closed) return;
    clearTimeout(timer);
    const due = advance(world, clock.now());
    for (const callback of takeDueCallbacks(world.callbacks, world.time)) void deliver(callback);
    // A held clock brings nothing about: whoever steps it pokes.
    if (due === undefined || clock.held()) return;
    timer = setTimeout(poke, Math.min(longestTimer, Math.max(0, Math.ceil(due - clock.now()))));
  };

  return {
    poke,
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
};
