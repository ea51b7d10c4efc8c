// Who may use the bundle: applications and their sessions (D9), and what belongs to an application as a whole.
// `access-table.ts` is the one on DynamoDB; test/support has one in memory.
import * as z from 'zod';
import type { Absence } from '../jobs/absence.ts';
import type { Breaker } from '../jobs/breaker.ts';

/** LEIA's Application without its `api_key`, and under which of our keys it logged in. Unknown keys are kept. */
export const Application = z.looseObject({
  id: z.string(),
  application_type: z.string(),
  email: z.string(),
  first_name: z.string(),
  last_name: z.string(),
  default_job_callback_url: z.string().nullish(),
});
export type Application = z.infer<typeof Application>;

export const Session = z.object({
  application_id: z.string(),
  /** SHA-256 of the API key it was opened with: the session dies with the key. */
  key_hash: z.string(),
  /** Epoch seconds. */
  expires_at: z.number().int(),
});
export type Session = z.infer<typeof Session>;

/** How far each lane of an application's sweep has come (epoch milliseconds), e.g. `{ sent: …, held: … }`. */
export type Watermarks = Record<string, number>;

export type Access = {
  openSession(tokenHash: string, session: Session): Promise<void>;
  /** Strongly consistent: a token works from the moment it was given. Expired sessions are not found. */
  session(tokenHash: string, nowSeconds: number): Promise<Session | undefined>;
  slideSession(tokenHash: string, expiresAt: number): Promise<void>;
  closeSession(tokenHash: string): Promise<void>;
  /** Remembers an application and that the key with this hash is its. */
  saveApplication(application: Application, keyHash: string): Promise<void>;
  application(id: string): Promise<Application | undefined>;
  /** Ids of all applications that ever logged in; those whose key is gone may still have jobs to end. */
  applicationIds(): Promise<string[]>;
  applicationIdOfKey(keyHash: string): Promise<string | undefined>;
  /** The key that the application logged in with last. */
  keyHashOf(applicationId: string): Promise<string | undefined>;
  /** Remembers an application that the bundle does not serve, and the admin (an application's id) who saw its jobs. */
  noteStranger(applicationId: string, admin: string): Promise<void>;
  /** Ids of all applications that were ever strangers; some may be served by now. */
  strangers(): Promise<string[]>;
  /** The admin who saw a stranger's jobs last. */
  adminOf(stranger: string): Promise<string | undefined>;
  breaker(applicationId: string): Promise<Breaker>;
  /** Changes the breaker by a decision on its present state; repeated on a conflict; undefined: nothing to change. */
  changeBreaker(applicationId: string, decide: (breaker: Breaker) => Breaker | undefined): Promise<Breaker>;
  /** What the sweep makes of jobs that LEIA does not know (D7); strongly consistent. */
  absence(applicationId: string): Promise<Absence>;
  /** Changes that by a decision on its present state; repeated on a conflict; undefined: nothing to change. */
  changeAbsence(applicationId: string, decide: (absence: Absence) => Absence | undefined): Promise<Absence>;
  /** Takes the sweep's lease until `until` (epoch milliseconds) if it is free at `now`; false when another holds it. */
  takeLease(applicationId: string, owner: string, now: number, until: number): Promise<boolean>;
  dropLease(applicationId: string, owner: string): Promise<void>;
  watermarks(applicationId: string): Promise<Watermarks>;
  /** Moves one watermark forward; never back. */
  moveWatermark(applicationId: string, lane: string, to: number): Promise<void>;
};
