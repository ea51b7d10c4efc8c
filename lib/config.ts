// Every setting of a deployment, said once: default, unit in the name, check. They come from the CDK's context:
// `cdk deploy -c leiaUrl=https://…` or `context` in cdk.json.
import * as z from 'zod';
import { isAllowListEntry } from '../functions/jobs/callback-address.ts';

type Range = { from: number; to: number; of: string };

const number = (fallback: number, { from, to, of }: Range) => {
  const error = `must be a number of ${of} from ${from} to ${to}`;
  return z.coerce.number({ error }).min(from, { error }).max(to, { error }).default(fallback);
};
const whole = (fallback: number, { from, to, of }: Range) => {
  const error = `must be a whole number of ${of} from ${from} to ${to}`;
  return z.coerce.number({ error }).int({ error }).min(from, { error }).max(to, { error }).default(fallback);
};
const day = 86_400;
const seconds = (fallback: number, to = 30 * day) => number(fallback, { from: 1, to, of: 'seconds' });
const yesOrNo = (fallback: boolean) =>
  z.union([z.boolean(), z.stringbool()], { error: 'must be true or false' }).default(fallback);

/** Nobody else listens there, so that nothing is overheard without TLS. */
const isLoopback = ({ hostname }: URL): boolean =>
  hostname === 'localhost' || hostname.endsWith('.localhost') || /^(127\.[\d.]+|\[::1\])$/.test(hostname);

const isBaseUrl = (text: string): boolean => {
  const url = URL.parse(text);
  if (!url || url.username || url.password || url.search || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
};
const baseUrl = (example: string) => {
  const error = `must be a base URL such as ${example}: https (http only on this machine), no user, query or fragment`;
  return z
    .string({ error })
    .refine(isBaseUrl, { error })
    .transform((url) => url.replace(/\/+$/, ''));
};

/** What CloudWatch Logs offers. */
const logRetentions = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const logLevels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const;

const entriesOf = (given: unknown): unknown =>
  typeof given === 'string' ? given.split(/[\s,]+/).filter((entry) => entry !== '') : given;
const allowList = z
  .unknown()
  .transform(entriesOf)
  .refine((entries) => z.array(z.string().refine(isAllowListEntry)).safeParse(entries).success, {
    error: 'must be addresses, address ranges and host names, such as 10.1.0.0/16,hooks.example.com',
  })
  .transform((entries) => z.array(z.string()).parse(entries))
  .optional();

const shape = {
  /** LEIA with its base path. */
  leiaUrl: baseUrl('https://api.leia.io/leia/1.0.0'),
  /** Prefix of the names of both stacks and of all functions: another one makes another deployment. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,29}$/, {
      error: 'must be up to 30 lower-case letters, digits and hyphens, a letter first',
    })
    .default('leia-jobs'),
  /** Where LEIA reaches our HTTP API; by default the API's own address. */
  callbackBaseUrl: baseUrl('https://jobs.example.com').optional(),

  /** Keep the data and the API when a stack is deleted, and refuse to delete them. */
  retain: yesOrNo(true),
  /** How long a job's result outlives its end. */
  retentionDays: number(90, { from: 1, to: 3650, of: 'days' }),
  /** Shards per application of the mirror's indexes; another number wants an empty table. */
  indexShards: whole(4, { from: 1, to: 64, of: 'shards' }),

  /** How often the sweeps run. */
  sweepIntervalSeconds: number(60, { from: 60, to: 3600, of: 'seconds' }).refine((value) => value % 60 === 0, {
    error: 'must be a multiple of 60 seconds: the schedule counts minutes',
  }),
  sweepTimeoutSeconds: whole(900, { from: 1, to: 900, of: 'seconds' }),
  /** How long a sweep keeps others off an application. */
  sweepLeaseSeconds: seconds(300),
  /** LEIA is asked about a job when it is so old, then at double that age, and so on … */
  sweepAgeFirstSeconds: seconds(60),
  /** … but at least this often. */
  sweepAgeThenSeconds: seconds(3600),
  /** How many jobs one statuses request names. */
  statusBatch: whole(200, { from: 1, to: 1000, of: 'jobs' }),
  /** Between the first and the second 404 that end a job which LEIA has lost. */
  absenceConfirmSeconds: seconds(60),
  followUpOverdueSeconds: seconds(300),
  /** How long LEIA is watched for a duplicate after a doubtful attempt. */
  watchSeconds: seconds(900),
  /** How often LEIA's list is read for jobs that were started directly at LEIA. */
  discoveryIntervalSeconds: seconds(300),
  /** How old the jobs are that the first look at LEIA's list takes in. */
  adoptHistoryDays: number(7, { from: 0, to: 3650, of: 'days' }),
  /** The pages of one list are cut from one reading of the index, no older than this. */
  listSnapshotSeconds: seconds(30, 300),
  /** A job too large for an answer lies in S3, at an address that is good for so long. */
  largeAnswerSeconds: seconds(300, 3600),

  /** A Java client gives up at 10 seconds. */
  leiaTimeoutSeconds: seconds(5, 28),
  /** Of every function but the sweep; API Gateway waits 29 seconds. */
  functionTimeoutSeconds: whole(29, { from: 2, to: 29, of: 'seconds' }),
  functionMemoryMegabytes: whole(1024, { from: 128, to: 10_240, of: 'megabytes' }),
  /** How long an attempt to send a job keeps others from trying. */
  claimSeconds: seconds(60),
  retryFirstSeconds: seconds(5),
  retryMaxSeconds: seconds(300),
  /** A job that LEIA has not taken by then FAILS. */
  giveUpHours: number(24, { from: 0.001, to: 24 * 30, of: 'hours' }),
  /** How long an Idempotency-Key gets the refusal that it got first. */
  refusalMemorySeconds: seconds(day),
  /** Failures in a row that stop calls to LEIA for `breakerOpenSeconds`. */
  breakerFailures: whole(5, { from: 1, to: 1000, of: 'failures' }),
  breakerOpenSeconds: seconds(30),
  /** Released jobs sent to LEIA at once. */
  sendConcurrency: whole(5, { from: 2, to: 1000, of: 'functions at once' }),

  /** How long a caller that is told of its job's end may take to answer. */
  callbackTimeoutSeconds: whole(10, { from: 1, to: 60, of: 'seconds' }),
  /** Tries to tell a caller; with the waits between them they last about a day. */
  callbackTries: whole(10, { from: 1, to: 100, of: 'tries' }),
  /** Before the second try; then three times that, and so on … */
  callbackRetryFirstSeconds: whole(30, { from: 1, to: 8 * 3600, of: 'seconds' }),
  /** … up to this. SQS keeps a message back for twelve hours at most. */
  callbackRetryMaxSeconds: whole(8 * 3600, { from: 1, to: 11 * 3600, of: 'seconds' }),
  /** How long LEIA's word on an application's default callback URL is believed. */
  callbackDefaultMaxAgeSeconds: number(60, { from: 0, to: 3600, of: 'seconds' }),
  /** Callers told at once, by ten a function. */
  callbackConcurrency: whole(5, { from: 2, to: 1000, of: 'functions at once' }),
  /** Hosts and address ranges that callbacks may go to beside public addresses. */
  callbackAllowList: allowList,

  /** A conditional job's entry that has not ended by then has failed, and is cancelled. */
  stepTimeoutSeconds: whole(7 * day, { from: 1, to: 365 * day, of: 'seconds' }),
  /** How many conditional jobs may stand behind each other. */
  maxChainDepth: whole(50, { from: 1, to: 1000, of: 'jobs in a row' }),
  /** Entries in all rules of a conditional job: an execution's history has 25,000 events. */
  maxChainEntries: whole(1000, { from: 1, to: 1000, of: 'entries' }),
  /** Rules of one conditional job that run at once; Step Functions offers no more. */
  maxRulesAtOnce: whole(40, { from: 1, to: 40, of: 'rules at once' }),

  /** A token that is not used for so long ends. */
  sessionSeconds: seconds(day),
  /** How long a function remembers the secret: a key that left it works no longer than that. */
  secretMaxAgeSeconds: number(300, { from: 0, to: 300, of: 'seconds' }),
  /** Ids in one path. */
  maxDocumentIds: whole(1000, { from: 1, to: 10_000, of: 'ids' }),
  requestsPerSecond: whole(1000, { from: 1, to: 10_000, of: 'requests a second' }),
  loginsPerSecond: whole(50, { from: 1, to: 10_000, of: 'logins a second' }),
  callbacksPerSecond: whole(500, { from: 1, to: 10_000, of: 'callbacks a second' }),
  /** LEIA’s callbacks taken in at once, reserved of the account's concurrency; 0: as many as there is room for. */
  receiveConcurrency: whole(20, { from: 0, to: 1000, of: 'functions at once' }),

  /** Changes of jobs in one call of follow-mirror. */
  streamBatchSize: whole(25, { from: 1, to: 1000, of: 'changes' }),
  /** A change that fails so often, or … */
  streamRetries: whole(10, { from: 0, to: 1000, of: 'retries' }),
  /** … for so long, is set aside in the bucket; the sweep makes up for it. */
  streamMaxAgeSeconds: whole(3600, { from: 60, to: 7 * day, of: 'seconds' }),
  /** Bus for the events `Job Status Changed`; it must exist. */
  eventBusName: z
    .string()
    .regex(/^[\w./-]{1,256}$/, { error: 'must be the name of an event bus' })
    .default('default'),

  tracing: yesOrNo(true),
  dashboard: yesOrNo(true),
  logLevel: z.enum(logLevels, { error: `must be one of ${logLevels.join(', ')}` }).default('INFO'),
  logRetentionDays: z.coerce
    .number()
    .refine((days) => logRetentions.includes(days), { error: `must be one of ${logRetentions.join(', ')} days` })
    .default(30),
  /** SNS topic that hears of every alarm; without one, alarms only show. */
  alarmTopicArn: z
    .string()
    .regex(/^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w-]+$/, { error: 'must be the ARN of an SNS topic' })
    .optional(),
};

/** What must hold between settings. */
const Settings = z.object(shape).superRefine((settings, check) => {
  const must = (holds: boolean, name: keyof typeof shape, message: string) => {
    if (!holds) check.addIssue({ code: 'custom', path: [name], message, input: settings[name] });
  };
  const attempt = settings.leiaTimeoutSeconds + settings.functionTimeoutSeconds;
  must(
    settings.claimSeconds > attempt,
    'claimSeconds',
    `must exceed leiaTimeoutSeconds + functionTimeoutSeconds (${attempt}), or a job could be sent twice`,
  );
  must(
    settings.functionTimeoutSeconds > settings.leiaTimeoutSeconds,
    'functionTimeoutSeconds',
    `must exceed leiaTimeoutSeconds (${settings.leiaTimeoutSeconds}), or a slow LEIA ends the function`,
  );
  must(
    settings.callbackRetryMaxSeconds >= settings.callbackRetryFirstSeconds,
    'callbackRetryMaxSeconds',
    `must be at least callbackRetryFirstSeconds (${settings.callbackRetryFirstSeconds})`,
  );
  must(
    settings.retryMaxSeconds >= settings.retryFirstSeconds,
    'retryMaxSeconds',
    `must be at least retryFirstSeconds (${settings.retryFirstSeconds})`,
  );
  must(
    settings.sweepAgeThenSeconds >= settings.sweepAgeFirstSeconds,
    'sweepAgeThenSeconds',
    `must be at least sweepAgeFirstSeconds (${settings.sweepAgeFirstSeconds})`,
  );
});
export type Settings = Readonly<z.infer<typeof Settings>>;

/** A setting is wrong; the message is for the person who deploys, one sentence for each. */
export class WrongSettings extends Error {
  constructor(sentences: readonly string[]) {
    super(sentences.join('\n'));
    this.name = 'WrongSettings';
  }
}

/**
 * The settings in a CDK context; keys that are the CDK's own (with a colon, a slash, a hyphen …) are none of ours.
 * @throws WrongSettings
 */
export const settingsOf = (context: Readonly<Record<string, unknown>>): Settings => {
  const ours = Object.entries(context).filter(([key]) => /^[a-z][a-zA-Z]*$/.test(key));
  const unknown = ours.filter(([key]) => !Object.hasOwn(shape, key)).map(([key]) => `There is no setting ${key}.`);
  const parsed = Settings.safeParse(Object.fromEntries(ours));
  const wrong = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => sentence(String(path[0]), message, context));
  if (!parsed.success || unknown.length > 0) throw new WrongSettings([...unknown, ...wrong]);
  return parsed.data;
};

const sentence = (name: string, message: string, context: Readonly<Record<string, unknown>>): string => {
  const given = context[name];
  const fallback: unknown = Object.entries(shape)
    .find(([key]) => key === name)?.[1]
    .safeParse(undefined).data;
  const present =
    given !== undefined ? JSON.stringify(given) : fallback === undefined ? 'missing' : `${fallback} by default`;
  return `The setting ${name} ${message}; it is ${present}.`;
};
