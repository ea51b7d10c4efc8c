// All orders in which the steps of several processes can follow each other: enumerated, not sampled.

/** Waits for its turn; a process calls it before each step. */
export type Turn = () => Promise<void>;

/** One process: it gets its turn before every step that others could come between. */
export type Process = (turn: Turn) => Promise<void>;

/** An object whose every method waits for its turn first. */
export const inTurn = <T extends object>(target: T, turn: Turn): T =>
  new Proxy(target, {
    get: (object, name) => {
      const value: unknown = Reflect.get(object, name);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        await turn();
        return Reflect.apply(value, object, args);
      };
    },
  });

/** Adds a process to those that run; whatever it does before its first turn it does at once. */
export type Spawn = (process: Process) => void;

/**
 * Runs `scene` once for each order of its processes' steps, and `check` after each.
 * @returns how many orders there were
 */
export const everyOrder = async <S>(
  scene: (spawn: Spawn) => Promise<{ state: S; processes: Process[] }>,
  check: (state: S, order: string) => Promise<void>,
): Promise<number> => {
  let schedule: number[] | undefined = [];
  let count = 0;
  while (schedule) {
    const running = newRun();
    const { state, processes } = await scene(running.spawn);
    for (const process of processes) running.spawn((turn) => turn().then(() => process(turn)));
    const taken = await running.follow(schedule);
    await check(state, taken.map(({ choice }) => choice).join(''));
    count += 1;
    schedule = next(taken);
  }
  return count;
};

type Taken = { choice: number; options: number };

const newRun = () => {
  const waiting = new Map<number, () => void>();
  const failures: unknown[] = [];
  let processes = 0;
  const turnOf =
    (index: number): Turn =>
    () =>
      new Promise((resolve) => waiting.set(index, resolve));
  const spawn: Spawn = (process) => {
    process(turnOf(processes++)).catch((error: unknown) => failures.push(error));
  };
  return { spawn, follow: (schedule: number[]) => follow(schedule, waiting, failures) };
};

/** Follows `schedule`, then always the first process that can go on. `choice` counts among those that can. */
const follow = async (schedule: number[], waiting: Map<number, () => void>, failures: unknown[]): Promise<Taken[]> => {
  const taken: Taken[] = [];
  for (await quiet(); waiting.size > 0; await quiet()) {
    const ready = [...waiting.keys()].sort((a, b) => a - b);
    const choice = schedule[taken.length] ?? 0;
    const chosen = ready[choice] ?? 0;
    taken.push({ choice, options: ready.length });
    const go = waiting.get(chosen);
    waiting.delete(chosen);
    go?.();
  }
  if (failures.length > 0) throw failures[0];
  return taken;
};

/** Until nobody has anything left to do without a turn: everything here is microtasks. */
const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The next schedule in lexical order: the last step that had another option takes it. */
const next = (taken: Taken[]): number[] | undefined => {
  const last = taken.findLastIndex(({ choice, options }) => choice + 1 < options);
  return last < 0 ? undefined : [...taken.slice(0, last).map(({ choice }) => choice), (taken[last]?.choice ?? 0) + 1];
};
