// How Node SDK 0.7.2 decodes (contract §0.2, §0.8, §0.9, §2.3, §3.11).
import { attempt, type Decoded, type Fields, fieldsOf, json, type Kind, listOf, type Reply } from './reply.ts';

/** 200, 201 and 204 are successes; the message of an error is the body's `detail`; an empty page comes as 404. */
export const nodeReads = (kind: Kind, reply: Reply): Decoded =>
  attempt(() => {
    if (kind === 'jobs' && reply.status === 404) return { contentRange: { offset: 0, limit: 0, total: 0 }, jobs: [] };
    if (![200, 201, 204].includes(reply.status)) throw new Error(messageOf(reply));
    if (kind === 'nothing' || reply.status === 204) return undefined;
    const value = json(reply.text);
    if (kind === 'jobs') return { contentRange: rangeOf(reply), jobs: listOf(value, 'jobs').map(jobOf) };
    return kind === 'job' ? jobOf(value) : value;
  });

const messageOf = ({ text, status }: Reply): string => {
  const { detail } = fieldsOf(json(text), 'error');
  if (typeof detail !== 'string' || detail === '') throw new Error(`an error ${status} without a message`);
  return detail;
};

/** `limit` is the second number less the first: the end is exclusive. */
const rangeOf = ({ headers }: Reply) => {
  const [, first, last, total] = /^(\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '') ?? [];
  if (total === undefined) throw new Error(`Content-Range ${headers['content-range']} cannot be read`);
  return { offset: Number(first), limit: Number(last) - Number(first), total: Number(total) };
};

const jobOf = (value: unknown): Fields => {
  const job = fieldsOf(value, 'Job');
  const { result_type, result } = job;
  if (result === null) return job;
  if (result_type === 'document') fieldsOf(result, 'Document');
  // The SDK asks for its `length` where `result` is absent.
  if (result_type === 'list[document]') for (const one of listOf(result, 'documents')) fieldsOf(one, 'Document');
  return job;
};
