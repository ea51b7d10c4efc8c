import { forget, settle, stations } from './transitions.ts';
import type { World } from './world.ts';

/** A document whose time is over takes its sub documents and the jobs linked to it along (contract §5). */
const expire = (world: World): void => {
  const gone = new Set<string>();
  for (const { id, expiration_time } of world.documents.values()) {
    if (expiration_time !== null && expiration_time <= world.time) gone.add(id);
  }
  if (gone.size === 0) return;
  for (const { id, original_id } of world.documents.values()) if (gone.has(original_id ?? '')) gone.add(id);
  for (const id of gone) world.documents.delete(id);
  for (const job of world.jobs.values()) if (job.document_ids.some((id) => gone.has(id))) forget(world, job.id);
};

/** Every time that something waits for, past ones included. */
function* appointments(world: World): Generator<number> {
  for (const job of world.restless.values()) {
    yield job.visible_at;
    const run = world.running.get(job.id);
    // Work that may only be waited for has no appointment: its end is told to the engine.
    if (!run || run.durationMs === 0) continue;
    for (const { at } of stations(job, run)) yield at;
    yield (job.starting_time ?? 0) + run.durationMs;
  }
  for (const { expiration_time } of world.documents.values()) if (expiration_time !== null) yield expiration_time;
  for (const { at } of world.callbacks.pending) yield at;
}

/** The next time at which something will happen by itself; undefined: never. */
export const nextDue = (world: World): number | undefined => {
  let next = Number.POSITIVE_INFINITY;
  for (const at of appointments(world)) if (at > world.time && at < next) next = at;
  return next === Number.POSITIVE_INFINITY ? undefined : next;
};

/**
 * Lets LEIA's clock run to `time`, stopping wherever something is due: the only way in which time passes.
 * @returns what is due next
 */
export const advance = (world: World, time: number): number | undefined => {
  settle(world);
  let due = nextDue(world);
  while (due !== undefined && due <= time) {
    world.time = due;
    expire(world);
    settle(world);
    due = nextDue(world);
  }
  world.time = Math.max(world.time, time);
  return due;
};
