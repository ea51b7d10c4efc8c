// Time and order of a run: one event after the other, each at its instant, ties broken by chance. Between two events
// everything that can go on without one has gone on: whatever waits, waits for an event.
import { setImmediate as nextTurn } from 'node:timers';
import type { Chance } from './chance.ts';

export type Cancel = () => void;
export type Scheduler = {
  /** True time, in epoch milliseconds. */
  now(): number;
  /** Lets something happen so many milliseconds from now. `what`: for the trace. */
  after(millis: number, what: () => string, go: () => void): Cancel;
  sleep(millis: number, what: string): Promise<void>;
  /** Adds a line to the trace at once. */
  note(what: () => string): void;
  /** Lets events happen until `until` (epoch milliseconds) or for as long as there are any. */
  run(until?: number): Promise<void>;
  /** How many events have happened. */
  count(): number;
  trace(): readonly string[];
};

type Event = { at: number; tie: number; order: number; what: () => string; go: () => void; cancelled: boolean };

/** A Tuesday. */
export const START = Date.UTC(2026, 0, 6, 12);

const comesFirst = (a: Event, b: Event): boolean =>
  a.at !== b.at ? a.at < b.at : a.tie !== b.tie ? a.tie < b.tie : a.order < b.order;

export const scheduler = (chance: Chance, { traced }: { traced: boolean }): Scheduler => {
  /** The next one last. */
  const events: Event[] = [];
  const lines: string[] = [];
  let now = START;
  let order = 0;
  let count = 0;

  const note = (what: () => string): void => {
    if (traced) lines.push(`${((now - START) / 1000).toFixed(3).padStart(9)} ${what()}`);
  };

  const insert = (event: Event): void => {
    let [low, high] = [0, events.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = events[middle];
      if (other && comesFirst(event, other)) low = middle + 1;
      else high = middle;
    }
    events.splice(low, 0, event);
  };

  const after = (millis: number, what: () => string, go: () => void): Cancel => {
    const event = {
      at: now + Math.max(0, Math.round(millis)),
      tie: chance.below(1000),
      order,
      what,
      go,
      cancelled: false,
    };
    order += 1;
    insert(event);
    return () => {
      event.cancelled = true;
    };
  };

  const run = async (until = Number.POSITIVE_INFINITY): Promise<void> => {
    await quiet();
    for (let event = events.at(-1); event && event.at <= until; event = events.at(-1)) {
      events.pop();
      if (event.cancelled) continue;
      now = event.at;
      count += 1;
      note(event.what);
      event.go();
      await quiet();
    }
    if (Number.isFinite(until)) now = Math.max(now, until);
  };

  return {
    now: () => now,
    after,
    sleep: (millis, what) => new Promise((resolve) => after(millis, () => what, resolve)),
    note,
    run,
    count: () => count,
    trace: () => lines,
  };
};

/** Whoever can go on by itself does so in microtasks; by the next turn of Node's event loop all have. */
const quiet = (): Promise<void> => new Promise((resolve) => nextTurn(resolve));
