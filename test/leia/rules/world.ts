import type { CallbackQueue } from './callbacks.ts';
import { callbackQueue } from './callbacks.ts';
import type { Application, Job, LeiaDocument, Model, ResultType } from './model.ts';

/** A document that a job made; the rules give it an id and an owner. */
export type Produced = {
  filename: string;
  extension: string;
  mime_type: string;
  content: Uint8Array;
  original_id: string | null;
  page: number | null;
};

/** How a job's work ended. `result` is any JSON value, `resultText` JSON text that is to stay as it is written. */
export type Outcome =
  | { ended: 'result'; result_type: ResultType; result: unknown }
  | { ended: 'text'; result_type: ResultType; resultText: string }
  | { ended: 'documents'; result_type: 'document' | 'list[document]'; documents: Produced[] }
  | { ended: 'model'; model: Pick<Model, 'name' | 'short_name' | 'description' | 'model_type' | 'examples'> }
  | { ended: 'failure'; reason: string; http_code: number };

/** A job that a worker is to do, with its inputs already selected. */
export type Task = { job: Job; inputs: LeiaDocument[]; model: Model | undefined; examples: LeiaDocument[] };

/** Work under way: it takes `durationMs` of LEIA's clock, and longer while `outcome` has nothing to tell yet. */
export type Run = { durationMs: number; outcome: () => Outcome | undefined };

/** Without a run the job is processed for ever, until it is cancelled or forced. */
export type Worker = (task: Task) => Run | undefined;

/** Hides the next `times` submissions for `ms`; null: until they are revealed. */
export type Hiding = { ms: number | null; times: number };

export type Switches = {
  /** New jobs stay READY. */
  holdJobs: boolean;
  echoCallbackUrl: boolean;
  hiding: Hiding | undefined;
};

/** Everything LEIA knows. It changes only through the functions of this folder; time passes only in `advance`. */
export type World = {
  time: number;
  newId: () => string;
  worker: Worker;
  /** How many jobs run at once. */
  slots: number;
  applications: Map<string, Application>;
  documents: Map<string, LeiaDocument>;
  models: Map<string, Model>;
  jobs: Map<string, Job>;
  /** Those of them that time or another job may yet move, in the order they came; `settle` takes out the others. */
  restless: Map<string, Job>;
  running: Map<string, Run>;
  callbacks: CallbackQueue;
  switches: Switches;
};

export const defaultSwitches = (): Switches => ({ holdJobs: false, echoCallbackUrl: true, hiding: undefined });

/** A LEIA without jobs or documents. `newId` must give 24 lower-case hex digits, ascending (contract §6). */
export const createWorld = (
  parts: Pick<World, 'time' | 'newId' | 'worker' | 'slots'> & { applications: Application[]; models: Model[] },
): World => ({
  ...parts,
  applications: new Map(parts.applications.map((application) => [application.id, application])),
  models: new Map(parts.models.map((model) => [model.id, model])),
  documents: new Map(),
  jobs: new Map(),
  restless: new Map(),
  running: new Map(),
  callbacks: callbackQueue(),
  switches: defaultSwitches(),
});

/** A job that is there to be seen. */
export const visibleJob = (world: World, id: string): Job | undefined => {
  const job = world.jobs.get(id);
  return job && job.visible_at <= world.time ? job : undefined;
};
