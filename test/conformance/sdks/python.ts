// How the Python SDKs decode (contract §0.2, §0.10, §0.13, §2.5, §3.11): 1.1.3 on pydantic 2, fa5849e on pydantic 1, and
// 1.0.9 of an older generator.
import {
  attempt,
  type Decoded,
  type Fields,
  fieldsOf,
  json,
  type Kind,
  listOf,
  memberOf,
  type Reply,
  resultTypes,
  statuses,
} from './reply.ts';

export type Python = 'python-1.1.3' | 'python-pydantic1-fa5849e' | 'python-1.0.9';

/**
 * What no server can mend: 1.1.3 decodes no Job with a result, and neither 1.1.3 nor fa5849e a map of statuses; their
 * users read the JSON themselves (`_preload_content=False`).
 */
const UNMENDABLE = { result: 'ValidationError: JobResult', statuses: 'AttributeError: from_dict' };
export const isUnmendable = (decoded: Decoded): boolean =>
  'error' in decoded && Object.values(UNMENDABLE).includes(decoded.error);

export const pythonReads = (sdk: Python, kind: Kind, reply: Reply): Decoded =>
  attempt(() => {
    if (reply.status < 200 || reply.status > 299) throw new Error(`${errorNames[reply.status] ?? 'ApiException'}`);
    if (kind === 'nothing') return null;
    // 1.1.x knows a type for 200 alone: of 201 or 202 it makes None.
    if (reply.status !== 200) throw new Error(`None for HTTP ${reply.status}`);
    return readerOf(sdk)[kind](json(reply.text));
  });

const errorNames: Record<number, string> = {
  401: 'UnauthorizedException',
  403: 'ForbiddenException',
  404: 'NotFoundException',
};

const readerOf = (sdk: Python): Record<Exclude<Kind, 'nothing'>, (value: unknown) => unknown> => ({
  login: (value) => {
    const { token, application } = fieldsOf(value, 'LoginToken');
    return { token: text(token, 'token'), application: applicationOf(application) };
  },
  application: applicationOf,
  job: (value) => jobOf(sdk, value),
  jobs: (value) => listOf(value, 'jobs').map((one) => jobOf(sdk, one)),
  statuses: (value) => {
    const map = fieldsOf(value, 'statuses');
    if (sdk !== 'python-1.0.9') throw new Error(UNMENDABLE.statuses);
    return map;
  },
  document: (value) => documentOf(fieldsOf(value, 'Document')),
  workers: (value) => listOf(value, 'workers'),
});

const applicationOf = (value: unknown): Fields => {
  const application = fieldsOf(value, 'Application');
  for (const key of ['application_type', 'email', 'first_name', 'last_name']) text(application[key], key);
  return application;
};

const jobOf = (sdk: Python, value: unknown): Fields => {
  const job = fieldsOf(value, 'Job');
  for (const key of ['id', 'application_id', 'job_type']) text(job[key], key);
  time(job.creation_time);
  for (const key of ['starting_time', 'finished_time']) if (job[key] != null) time(job[key]);
  for (const one of listOf(job.document_ids, 'document_ids')) text(one, 'document_ids');
  memberOf(statuses, job.status, 'Statuses');
  if (job.result_type != null) memberOf(resultTypes, job.result_type, 'ResultTypes');
  if (job.result == null) return job;
  if (sdk === 'python-1.1.3') throw new Error(UNMENDABLE.result);
  return sdk === 'python-1.0.9' ? job : { ...job, result: resultOf(job.result) };
};

/** Pydantic 1 takes whichever of the types fits, whatever `result_type` says, and raises where two do. */
const resultOf = (result: unknown): { as: string } => {
  const fits = [
    ...(fitsIn(() => documentOf(fieldsOf(result, 'Document'))) ? ['Document'] : []),
    ...(fitsIn(() => listOf(result, 'documents').map((one) => documentOf(fieldsOf(one, 'Document')))) ? ['list'] : []),
    ...(fitsIn(() => classificationOf(result)) ? ['Classification'] : []),
  ];
  if (fits.length > 1) throw new Error('ValidationError: more than one type fits');
  return { as: fits[0] ?? 'raw' };
};

const fitsIn = (decode: () => unknown): boolean => 'ok' in attempt(decode);

const classificationOf = (value: unknown): void => {
  const { category, accuracy, score } = fieldsOf(value, 'Classification');
  text(category, 'category');
  if (typeof accuracy !== 'number' || typeof score !== 'number') throw new Error('Classification: expected floats');
};

const documentOf = (document: Fields): Fields => {
  for (const key of ['id', 'application_id', 'filename']) text(document[key], key);
  time(document.creation_time);
  for (const key of ['size', 'page', 'rotation_angle'])
    if (document[key] != null && typeof document[key] !== 'bigint') throw new Error(`${key}: expected an integer`);
  return document;
};

/** As pydantic 1 classifies a result; for tests of numbers that must be floats. */
export const pydanticType = (resultText: string): string => resultOf(json(resultText)).as;

const text = (value: unknown, what: string): string => {
  if (typeof value !== 'string') throw new Error(`ValidationError: ${what}`);
  return value;
};

/** A naive time decodes too, into one without a zone. */
const time = (value: unknown): void => {
  if (!/^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)?$/.test(text(value, 'time')))
    throw new Error(`ValidationError: ${String(value)}`);
};
