// What we ask of LEIA, and the outcomes that matter to us (D12). `leia.ts` is the one over HTTP.
import type { Observation } from '../jobs/observation.ts';
import type { JobRequest } from '../jobs/request.ts';
import type { Attempt } from '../jobs/sending.ts';
import type { Application } from './access.ts';

/** A Job as LEIA shows it, parsed tolerantly (unknown keys dropped, unknown enum values replaced and counted). */
export type LeiaJob = {
  /** What the mirror wants of it, `via` aside. */
  seen: Omit<Observation, 'via'>;
  id: string;
  application_id: string;
  /** Empty where LEIA does not tell (contract §2.5): then it is whoever asked. */
  submitter_id: string;
  creation_time: string;
  document_ids: string[];
  job_type: string;
  callback_url: string | null;
  execute_after_id: string | null;
  parent_job_id: string | null;
  page_range: string | null;
};

/** LEIA did not answer, or not in a way that means anything: down, slow, 401 after a fresh login, 429, 5xx, garbage. */
export type Unavailable = {
  outcome: 'unavailable';
  cause: string;
  denied?: boolean;
  retryAfterSeconds?: number;
  /** It answered more than we take at once: less may be asked for. */
  tooLarge?: boolean;
};
export type Found<T> = { outcome: 'found'; value: T };
/** An authenticated 4xx: 404, 403, 400 … with LEIA's own `detail`. */
export type Refused = { outcome: 'refused'; status: number; detail: string };
export type Answer<T> = Found<T> | Refused | Unavailable;

export type Submission = {
  request: JobRequest;
  /** Our callback URL for this job (with its MAC). */
  callbackUrl: string;
  /** LEIA's id of the prerequisite, if it is to be passed. */
  executeAfterLeiaId?: string;
  /** False once a start was asked for. */
  blockProcessing: boolean;
};

/** A reply of LEIA passed through unread: status, headers that matter, body as bytes. */
export type RawReply = { status: number; headers: Record<string, string>; body: Uint8Array };
export type RawRequest = {
  method: string;
  /** Path below the base path, each segment encoded, with a leading slash. */
  path: string;
  /** Query string as the client sent it, without `?`. */
  query: string;
  headers: Record<string, string>;
  body?: Uint8Array;
};

/** Which of LEIA's jobs: created between two instants, to the second, by its own clock; the end is open where absent. */
export type LeiaPage = { createdAfter: string; createdBefore?: string; offset: number; limit: number };
export type LeiaPageOfJobs = {
  jobs: LeiaJob[];
  /** All that the filter shows, on whatever page. */
  total: number;
  /** When LEIA answered, by its own clock (epoch milliseconds), if it says so. */
  date?: number;
};

/** LEIA for one application: logs in by itself with that application's key. */
export type Leia = {
  /** Logs in freshly; the way to check a key and to learn the Application. 403: `refused`. */
  login(): Promise<Answer<Application>>;
  /** The Application as LEIA shows it now, without its `api_key`. */
  application(): Promise<Answer<Application>>;
  /** One attempt, never repeated blindly (one re-login on 401 aside). */
  submit(submission: Submission): Promise<{ outcome: 'accepted'; job: LeiaJob } | Attempt>;
  job(leiaId: string): Promise<Answer<LeiaJob>>;
  /** Statuses by LEIA id of those that LEIA knows; `refused` when it answers the whole batch with 4xx. Unknown status values are left out. */
  statuses(leiaIds: string[]): Promise<Answer<Map<string, Observation['status']>>>;
  /** LEIA's jobs, newest first. An empty list is `found` with no jobs. */
  newestJobs(page: LeiaPage): Promise<Answer<LeiaPageOfJobs>>;
  /** The same of all applications, which an admin may ask: LEIA's `/admin/job`. */
  newestJobsOfAll(page: LeiaPage): Promise<Answer<LeiaPageOfJobs>>;
  cancel(leiaId: string): Promise<Answer<undefined>>;
  start(leiaId: string): Promise<Answer<LeiaJob>>;
  /** The same of another application's jobs, which an admin may ask: LEIA's admin path (contract §2.1). */
  asAdminFor(submitter: string): LeiaJobs;
  /** Whether a document (model) exists for this application, or an admin's `owner`: `found`, or LEIA's refusal. */
  document(documentId: string, owner?: string): Promise<Answer<undefined>>;
  model(modelId: string, owner?: string): Promise<Answer<undefined>>;
  /** Passes a request on as it is, with LEIA's token in place of ours (D13). */
  pass(request: RawRequest): Promise<RawReply | Unavailable>;
};

/** What is asked of LEIA about jobs that are known. */
export type LeiaJobs = Pick<Leia, 'job' | 'statuses' | 'cancel' | 'start'>;

/** LEIA by the hash of one of the bundle's API keys; undefined for a key that is not (any more) in the secret. */
export type LeiaForKey = (keyHash: string) => Promise<Leia | undefined>;
