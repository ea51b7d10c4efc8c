// How Java SDK 1.0.6 decodes (contract §0.3, §0.9, §2.5, §3.11): okhttp, gson, and JobTools on top.
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

/** Any 2xx is decoded, by a JSON content type alone; all else is an ApiException with its code. */
export const javaReads = (kind: Kind, reply: Reply): Decoded =>
  attempt(() => {
    if (reply.status < 200 || reply.status > 299) throw new Error(`ApiException code=${reply.status}`);
    if (kind === 'nothing') return null;
    const type = reply.headers['content-type'] ?? '';
    if (!/^application\/(?:[\w.]+\+)?json\b/i.test(type)) throw new Error(`content type "${type}" is not supported`);
    return readers[kind](json(reply.text));
  });

const readers: Record<Exclude<Kind, 'nothing'>, (value: unknown) => unknown> = {
  login: (value) => {
    const { token, application } = fieldsOf(value, 'LoginToken');
    return { token: text(token, 'token'), application: applicationOf(application) };
  },
  application: (value) => applicationOf(value),
  job: (value) => jobOf(value),
  jobs: (value) => listOf(value, 'jobs').map(jobOf),
  statuses: (value) =>
    Object.fromEntries(
      Object.entries(fieldsOf(value, 'statuses')).map(([id, one]) => [id, memberOf(statuses, one, 'Statuses')]),
    ),
  document: (value) => ({ ...fieldsOf(value, 'Document'), time: time(fieldsOf(value, 'Document').creation_time) }),
  workers: (value) => listOf(value, 'workers'),
};

const applicationOf = (value: unknown): Fields => {
  const application = fieldsOf(value, 'Application');
  time(application.creation_time);
  memberOf(['developer', 'admin'], application.application_type, 'ApplicationTypes');
  return application;
};

const jobOf = (value: unknown): Fields => {
  const job = fieldsOf(value, 'Job');
  for (const key of ['creation_time', 'starting_time', 'finished_time']) time(job[key]);
  for (const key of ['id', 'application_id', 'job_type', 'callback_url', 'model_id', 'reason'])
    if (job[key] != null) text(job[key], key);
  memberOf(statuses, job.status, 'Statuses');
  if (job.result_type != null) memberOf(resultTypes, job.result_type, 'ResultTypes');
  if (job.status === 'PROCESSED') resultsOf(job);
  return job;
};

/** `JobTools.getResults`, which every user of Java calls on a finished job. */
const resultsOf = ({ result_type, result }: Fields): void => {
  if (result_type == null) throw new Error('NullPointerException');
  const type = memberOf(resultTypes, result_type, 'ResultTypes');
  if (type === 'document') fieldsOf(result, 'Document');
  if (type === 'list[document]') for (const one of listOf(result, 'documents')) fieldsOf(one, 'Document');
  if (type.startsWith('dict[')) fieldsOf(result, type);
  if (type === 'classification') fieldsOf(result, 'Classification');
  if (type === 'conditional')
    for (const steps of Object.values(fieldsOf(result, 'conditional')))
      for (const step of listOf(steps, 'steps')) resultsOf(fieldsOf(step, 'step'));
};

const text = (value: unknown, what: string): string => {
  if (typeof value !== 'string') throw new Error(`${what}: expected a string`);
  return value;
};

/** OffsetDateTime: an offset is demanded. */
const time = (value: unknown): void => {
  if (value == null) return;
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)$/.test(text(value, 'time')))
    throw new Error(`DateTimeParseException: ${String(value)}`);
};
