// What a run that is to be gone on with (`npm start -- --keep FOLDER`) leaves beside the state of AWS and LEIA.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** Addresses have the port in them, and whoever was let in holds the key. */
const Kept = z.object({ port: z.int(), apiKey: z.string(), webhookSecret: z.string() });
export type Kept = z.infer<typeof Kept>;

const fileIn = (folder: string): string => join(folder, 'kept.json');

/** Undefined for a folder in which nothing was begun. */
export const readKept = async (folder: string): Promise<Kept | undefined> => {
  const text = await readFile(fileIn(folder), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Kept.parse(JSON.parse(text));
};

export const writeKept = (folder: string, kept: Kept): Promise<void> =>
  writeFile(fileIn(folder), `${JSON.stringify(kept)}\n`);
