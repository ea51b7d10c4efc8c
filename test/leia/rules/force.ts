import { callBack } from './endings.ts';
import type { Job, ResultType, Status } from './model.ts';
import { isFinished } from './model.ts';
import { leiaJson } from './wire.ts';
import type { World } from './world.ts';

/** What a test says a job is from now on, whatever its state. Times are milliseconds of LEIA's clock. */
export type ForcedChange = {
  status?: Status | undefined;
  result_type?: ResultType | null | undefined;
  /** Any JSON value; or `resultText`, JSON text to be sent as it is written. */
  result?: unknown;
  resultText?: string | undefined;
  reason?: string | null | undefined;
  http_code?: number | null | undefined;
  /** This LEIA runs no conditional jobs; a test may say that a job is a child of one. */
  parent_job_id?: string | undefined;
  creation_time?: number | undefined;
  starting_time?: number | null | undefined;
  finished_time?: number | null | undefined;
  /** Whether a finished status calls back. Default true. */
  callback?: boolean | undefined;
};

type Forced = Pick<Job, 'result_type' | 'result' | 'reason' | 'http_code' | 'finished_time'>;

/** What a status brings along when a test does not say. */
const defaults = (world: World, status: Status): Forced => {
  const nothing = { result_type: null, result: null, reason: null, http_code: null, finished_time: null };
  if (status === 'PROCESSED')
    return { ...nothing, result_type: 'object', result: '{}', http_code: 200, finished_time: world.time };
  if (status === 'FAILED')
    return { ...nothing, reason: 'Made to fail by a test', http_code: 500, finished_time: world.time };
  return { ...nothing, finished_time: isFinished(status) ? world.time : null };
};

const said = <T extends object>(fields: T): Partial<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<T>;

/**
 * Puts a job into any state, even one that it could not reach, and calls back if that is a finished one. READY and
 * WAITING are states that the rules act on at once; a job forced into STARTING or PROCESSING stays there.
 */
export const forceJob = (world: World, job: Job, change: ForcedChange): void => {
  const { result, resultText, callback = true, ...fields } = change;
  const status = fields.status ?? job.status;
  const text = resultText ?? (result === undefined ? undefined : leiaJson(result));
  const start = fields.status === undefined ? {} : defaults(world, status);
  world.running.delete(job.id);
  Object.assign(job, start, said(fields), said({ result: text }));
  world.restless.set(job.id, job);
  if (isFinished(status) && callback) callBack(world, job);
};
