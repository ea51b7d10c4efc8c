// What LEIA's own SDKs really sent, and how they decoded canned replies (contract §7): test/vectors/sdk-requests.json.
import { readFileSync } from 'node:fs';
import * as z from 'zod';

const Vector = z.object({
  id: z.string(),
  sdk: z.enum(['node-0.7.2', 'python-1.1.3', 'python-pydantic1-fa5849e', 'java-1.0.6', 'python-1.0.9']),
  /** The call in the SDK's language, with what the capture server was made to do. */
  call: z.string(),
  method: z.enum(['GET', 'POST', 'DELETE']),
  raw_target_after_base: z.string(),
  path_decoded: z.string(),
  headers: z.record(z.string(), z.string()),
  body_text: z.string(),
  /** What the capture server answered, not what LEIA does. */
  fake_server_status: z.int(),
});
export type Vector = z.infer<typeof Vector>;
export type Sdk = Vector['sdk'];

const Outcome = z.object({
  call: z.string(),
  /** What the canned reply was: `result:document`, `time:…`, `jobstatus:…`, `status:…` and the like. */
  mode: z.string().nullish(),
  outcome: z.union([z.string(), z.object({ ok: z.unknown(), error: z.unknown() }).partial()]),
});
export type Outcome = z.infer<typeof Outcome>;

const Vectors = z.object({
  requests: z.array(Vector).length(194),
  decode_outcomes: z.record(Vector.shape.sdk, z.array(Outcome)),
  canned_reply_samples: z.object({
    conditional_result: z.json(),
    problem: z.object({ detail: z.string(), status: z.int(), title: z.string(), type: z.string() }),
  }),
});

export const vectors = Vectors.parse(
  JSON.parse(readFileSync(new URL('../vectors/sdk-requests.json', import.meta.url), 'utf8')),
);

/** The ids in the vectors. */
export const D1 = '507f191e810c19729de860ea';
export const D2 = '507f191e810c19729de860eb';
export const J = '507f191e810c19729de860ed';
export const M = '5d52858cb4608e10db98ea1f';
export const APPLICATION = '5dceca1246eac2df484031de';

/** contract §2.5: every documented key, and those that Node reads beside them. */
export const everyKey = [
  'application_id',
  'callback_url',
  'creation_time',
  'document_ids',
  'execute_after_id',
  'finished_time',
  'http_code',
  'id',
  'job_type',
  'model_id',
  'page_range',
  'parent_job_id',
  'reason',
  'result',
  'result_type',
  'starting_time',
  'status',
  'submitter_id',
];
