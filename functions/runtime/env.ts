// The only reader of the environment: every setting a function gets from lib/, parsed once, typed.
import * as z from 'zod';

const seconds = z.coerce.number().positive();
const count = z.coerce.number().int().positive();

/** Settings of all functions; a function asks for those it needs with `settings('TABLE_NAME', …)`. */
const shape = {
  TABLE_NAME: z.string().min(1),
  /** Shards of the `in-flight` and `by-application` indexes; a change needs an empty table. */
  INDEX_SHARDS: count,
  BUCKET_NAME: z.string().min(1),
  SECRET_NAME: z.string().min(1),
  /** How long keys and callback secrets are kept in memory: at most 5 minutes (D9). */
  SECRET_MAX_AGE_SECONDS: z.coerce.number().min(0).max(300),
  SUBMISSIONS_QUEUE_URL: z.string().min(1),
  CALLBACKS_QUEUE_URL: z.string().min(1),
  /** A caller that is told of its job's end answers within this. */
  CALLBACK_TIMEOUT_SECONDS: seconds,
  CALLBACK_TRIES: count,
  CALLBACK_RETRY_FIRST_SECONDS: seconds,
  CALLBACK_RETRY_MAX_SECONDS: seconds,
  /** How long what LEIA says of an application's default callback URL is believed. */
  CALLBACK_DEFAULT_MAX_AGE_SECONDS: z.coerce.number().min(0),
  /** JSON: hosts and address ranges that callbacks may go to beside public addresses. */
  CALLBACK_ALLOW_LIST: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
  EVENT_BUS_NAME: z.string().min(1),
  /** LEIA with its base path, e.g. https://api.leia.io/leia/1.0.0 */
  LEIA_URL: z.url(),
  LEIA_TIMEOUT_SECONDS: seconds,
  /** Root of our own callback URLs: `<this>/callbacks/<job id>/<mac>`. */
  CALLBACK_BASE_URL: z.url(),
  CLAIM_SECONDS: seconds,
  RETRY_FIRST_SECONDS: seconds,
  RETRY_MAX_SECONDS: seconds,
  GIVE_UP_SECONDS: seconds,
  REFUSAL_MEMORY_SECONDS: seconds,
  BREAKER_FAILURES: count,
  BREAKER_OPEN_SECONDS: seconds,
  SESSION_SECONDS: seconds,
  SWEEP_AGE_FIRST_SECONDS: seconds,
  SWEEP_AGE_THEN_SECONDS: seconds,
  SWEEP_LEASE_SECONDS: seconds,
  /** A statuses request names at most so many jobs. */
  STATUS_BATCH: count,
  ABSENCE_CONFIRM_SECONDS: seconds,
  FOLLOW_UP_OVERDUE_SECONDS: seconds,
  /** How long a doubtful attempt's LEIA job is watched for after the job was sent again. */
  WATCH_SECONDS: seconds,
  DISCOVERY_INTERVAL_SECONDS: seconds,
  /** How far back the first discovery of an application looks. */
  ADOPT_HISTORY_DAYS: z.coerce.number().min(0),
  /** How long the pages of one list are cut from one reading of the index. */
  LIST_SNAPSHOT_SECONDS: seconds,
  /** How long the address of an answer leads to it that is too large to be sent. */
  LARGE_ANSWER_SECONDS: seconds,
  RETENTION_DAYS: seconds,
  MAX_DOCUMENT_IDS: count,
  STATE_MACHINE_ARN: z.string().min(1),
  /** How many conditional jobs may stand in a row. */
  MAX_CHAIN_DEPTH: count,
  /** Job entries in all rules of a conditional job together. */
  MAX_CHAIN_ENTRIES: count,
  /** JSON: function name by file name, for `reroute-request`. */
  FUNCTION_NAMES: z.string().transform((text) => z.record(z.string(), z.string()).parse(JSON.parse(text))),
};
export type Settings = { [K in keyof typeof shape]: z.infer<(typeof shape)[K]> };

/**
 * The named settings from the environment.
 * @throws ZodError that names each missing or wrong one; a function with wrong settings must not start.
 */
export const settings = <K extends keyof Settings>(...names: K[]): Pick<Settings, K> => {
  const schema = z.object(Object.fromEntries(names.map((name) => [name, shape[name]])));
  return schema.parse(process.env) as Pick<Settings, K>;
};
