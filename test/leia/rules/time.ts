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

/** The next time at which something will happen by itself; undefined: never. */
export const nextDue = (world: World): number | undefined => {
  const due: number[] = [];
  for (const job of world.jobs.values()) {
    if (job.visible_at > world.time) due.push(job.visible_at);
    const run = world.running.get(job.id);
    if (!run) continue;
    due.push(...stations(job, run).map(({ at }) => at), (job.starting_time ?? 0) + run.durationMs);
  }
  for (const { expiration_time } of world.documents.values()) if (expiration_time !== null) due.push(expiration_time);
  for (const { at } of world.callbacks.pending) due.push(at);
  const ahead = due.filter((at) => at > world.time && Number.isFinite(at));
  return ahead.length === 0 ? undefined : ahead.reduce((least, at) => Math.min(least, at));
};

/** Lets LEIA's clock run to `time`, stopping wherever something is due: the only way in which time passes. */
export const advance = (world: World, time: number): void => {
  settle(world);
  for (let due = nextDue(world); due !== undefined && due <= time; due = nextDue(world)) {
    world.time = due;
    expire(world);
    settle(world);
  }
  world.time = Math.max(world.time, time);
  settle(world);
};
