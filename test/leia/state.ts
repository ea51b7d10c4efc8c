// What a local LEIA knows, in a file: so that one that was stopped goes on where it was.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { deserialize, serialize } from 'node:v8';
import { isFinished } from './rules/model.ts';
import type { World } from './rules/world.ts';

type Kept = Pick<World, 'applications' | 'documents' | 'models' | 'jobs'> & {
  callbacks: World['callbacks']['pending'];
};

/** Writes it whole or not at all. Tokens, logs, and what tests have set are not in it. */
export const saveWorld = async (world: World, file: string): Promise<void> => {
  const { applications, documents, models, jobs } = world;
  const { pending, sending, gathered } = world.callbacks;
  // Nobody knows whether one that is on its way has arrived: it is sent again.
  const callbacks = [...sending.values(), ...pending, ...gathered];
  const kept: Kept = { applications, documents, models, jobs, callbacks };
  await writeFile(`${file}.draft`, serialize(kept));
  await rename(`${file}.draft`, file);
};

/** Takes up what was kept in `file`, if there is one. */
export const loadWorld = async (world: World, file: string): Promise<void> => {
  const bytes = await readFile(file).catch(() => undefined);
  if (!bytes) return;
  // Both ends are one program: the file has the type that it was written with.
  const { callbacks, ...kept } = deserialize(bytes) as Kept;
  Object.assign(world, kept);
  world.restless = new Map(world.jobs);
  // Work that was under way begins anew.
  for (const job of world.jobs.values())
    if (!isFinished(job.status) && job.starting_time !== null)
      Object.assign(job, { status: 'READY', starting_time: null });
  world.callbacks.pending = callbacks.map((callback) => ({ ...callback, group: undefined }));
  world.callbacks.nextId = 1 + Math.max(0, ...callbacks.map(({ id }) => id));
};
