// What the measured process is told, and what it finds: two files in the directory that it is given.
import { join } from 'node:path';
import * as z from 'zod';

/** Where everything is. The functions themselves learn it from their environment, as in Lambda. */
export const Place = z.object({
  /** The functions' bundles. */
  bundles: z.string(),
  /** LEIA as near as it is, for hooks and preparations, and as far as clients are from it. */
  leiaUrl: z.url(),
  distantLeiaUrl: z.url(),
  distantTableUrl: z.url(),
  /** How far. */
  leiaMillis: z.number(),
  tableMillis: z.number(),
  leiaApiKey: z.string(),
  apiKey: z.string(),
  /** Where LEIA's callbacks are awaited. */
  callbackPort: z.int(),
  aws: z.object({
    endpoint: z.url(),
    region: z.string(),
    credentials: z.object({ accessKeyId: z.string(), secretAccessKey: z.string() }),
  }),
  tableName: z.string(),
});
export type Place = z.infer<typeof Place>;

/** Many times the same thing. */
const Samples = z.object({
  /** One after the other: milliseconds, when each began, and between which epoch milliseconds all. */
  wall: z.array(z.number()),
  began: z.array(z.number()),
  from: z.number(),
  until: z.number(),
  /** Milliseconds of CPU each when many are under way, the least of several times: a sleeping core that has to wake up first is not counted. */
  cpu: z.number(),
});
export type Samples = z.infer<typeof Samples>;

/** Whole lives of jobs, from submission to the last follow-up. */
const Lives = z.object({
  from: z.number(),
  until: z.number(),
  jobs: z.int(),
  lost: z.int(),
  /** Reads by clients that polled. */
  reads: z.int(),
  sweeps: z.int(),
  /** What LEIA was asked, by kind. */
  leiaRequests: z.record(z.string(), z.number()),
});
export type Lives = z.infer<typeof Lives>;

export const Findings = z.object({
  /** Milliseconds that a bare socket waited for the distant table and LEIA, at p50. */
  distances: z.object({ table: z.number(), leia: z.number() }),
  direct: z.object({ submission: Samples, read: Samples }),
  ours: z.object({ submission: Samples, callback: Samples, read: Samples }),
  lives: Lives,
  livesWithLosses: Lives,
});
export type Findings = z.infer<typeof Findings>;

export const placeFile = (directory: string): string => join(directory, 'place.json');
export const findingsFile = (directory: string): string => join(directory, 'findings.json');
