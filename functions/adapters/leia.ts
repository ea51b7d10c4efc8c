// LEIA over HTTP (D12): the operations of leia-api.ts, each a request and the reading of its reply.
import * as z from 'zod';
import type { Status } from '../jobs/job.ts';
import { answerOf, refusalOf, textOf } from './leia-answers.ts';
import type { Answer, Leia, LeiaJob, LeiaJobs, LeiaPage } from './leia-api.ts';
import { type Call, leiaCall } from './leia-call.ts';
import { deadlinesBy, machineTimer, type Timer } from './leia-deadline.ts';
import {
  adminPath,
  type HttpOptions,
  type LeiaRequest,
  leiaHttp,
  type Reply,
  type RequestKind,
  segment,
} from './leia-http.ts';
import { leiaJobOf, leiaJobsOf, type OnOddity, parseJson, readStatus } from './leia-job.ts';
import { passedReply, passedRequest } from './leia-pass.ts';
import { withRepeats } from './leia-repeats.ts';
import { submissionOutcome, submissionRequest } from './leia-submission.ts';
import { leiaTokens, ShownApplication } from './leia-token.ts';

export type LeiaOptions = HttpOptions & {
  /** For a whole call: login, repeats and answer. */
  timeoutSeconds: number;
  /** The same for `pass`, whose bodies may be large; as `timeoutSeconds` by default. */
  passTimeoutSeconds?: number;
  /** Told of words in LEIA's answers that its API does not have. */
  onOddity?: OnOddity;
  /** The machine's by default. */
  timer?: Timer;
};

/** LEIA for the application of one of LEIA's API keys. Keeps its token: make one client per key and container. */
export const leiaClient = (options: LeiaOptions & { apiKey: string }): Leia => {
  const { timeoutSeconds, passTimeoutSeconds = timeoutSeconds, onOddity = () => {}, timer = machineTimer } = options;
  const send = withRepeats(leiaHttp(options), timer);
  const within = deadlinesBy(timer);
  const tokens = leiaTokens(options.apiKey, (request) => within(timeoutSeconds, (deadline) => send(request, deadline)));
  const sendWithToken = leiaCall(send, tokens);
  const call: Call = (request) =>
    within(request.kind === 'pass' ? passTimeoutSeconds : timeoutSeconds, (deadline) =>
      sendWithToken(request, deadline),
    );
  return {
    login: async () => {
      const login = await tokens.fresh();
      return login.outcome === 'found' ? { ...login, value: login.value.application } : login;
    },
    application: async () =>
      answerOf(
        await call(get('application', '/whoami')),
        200,
        (reply) => ShownApplication.safeParse(parseJson(textOf(reply))).data,
      ),
    submit: async (submission) => submissionOutcome(submission, await call(submissionRequest(submission)), onOddity),
    ...jobsOf(call, onOddity),
    asAdminFor: (submitter) => jobsOf(call, onOddity, submitter),
    newestJobs: (page) => newestJobs(call, get('list', '/job', listQuery(page)), { page, onOddity }),
    newestJobsOfAll: (page) => newestJobs(call, get('list', '/admin/job', listQuery(page)), { page, onOddity }),
    document: async (id, owner) =>
      settled(await call(get('document', `${adminPath(owner)}/document/${segment(id)}`)), 200),
    model: async (id, owner) => settled(await call(get('model', `${adminPath(owner)}/model/${segment(id)}`)), 200),
    pass: async (request) => passedReply(await call(passedRequest(request))),
  };
};

const get = (kind: RequestKind, path: string, query = ''): LeiaRequest => ({
  kind,
  method: 'GET',
  path,
  query,
  ...ifForAdmins(path),
});
const sent = (kind: RequestKind, method: string, path: string): LeiaRequest => ({
  kind,
  method,
  path,
  ...ifForAdmins(path),
});
const ifForAdmins = (path: string): Pick<LeiaRequest, 'forAdmins'> =>
  path.startsWith('/admin/') ? { forAdmins: true } : {};
const jobPath = (id: string, submitter?: string): string => `${adminPath(submitter)}/job/${segment(id)}`;

/** Jobs by their ids: those of our application, or, on the admin path, of another. */
const jobsOf = (call: Call, onOddity: OnOddity, submitter?: string): LeiaJobs => ({
  job: async (id) => answerOf(await call(get('job', jobPath(id, submitter))), 200, readJobOf(id, onOddity)),
  statuses: (ids) => statuses(call, { ids, submitter }, onOddity),
  cancel: async (id) => settled(await call(sent('cancel', 'DELETE', jobPath(id, submitter))), 204),
  start: async (id) =>
    answerOf(await call(sent('start', 'POST', `${jobPath(id, submitter)}/start`)), 200, readJobOf(id, onOddity)),
});

/** The Job asked for; another one is no answer. */
const readJobOf =
  (id: string, onOddity: OnOddity) =>
  (reply: Reply): LeiaJob | undefined => {
    const job = leiaJobOf(textOf(reply), onOddity);
    return job?.id === id ? job : undefined;
  };

/** An answer whose status alone matters. */
const settled = (exchange: Parameters<typeof answerOf>[0], expected: number): Answer<undefined> => {
  const answer = answerOf(exchange, expected, () => true);
  return answer.outcome === 'found' ? { outcome: 'found', value: undefined } : answer;
};

const statuses = async (
  call: Call,
  { ids, submitter }: { ids: string[]; submitter: string | undefined },
  onOddity: OnOddity,
): ReturnType<Leia['statuses']> => {
  if (ids.length === 0) return { outcome: 'found', value: new Map() };
  const exchange = await call(get('statuses', `${jobPath(ids.join(','), submitter)}/status`));
  return answerOf(exchange, 200, (reply) => {
    const words = z.record(z.string(), z.unknown()).safeParse(parseJson(textOf(reply)));
    return words.data && readStatuses(words.data, onOddity);
  });
};

const readStatuses = (words: Record<string, unknown>, onOddity: OnOddity): Map<string, Status> => {
  const known = Object.entries(words).map(([id, word]) => [id, readStatus(word, onOddity)] as const);
  return new Map(known.flatMap(([id, status]) => (status === undefined ? [] : [[id, status]])));
};

const newestJobs = async (
  call: Call,
  request: LeiaRequest,
  { page, onOddity }: { page: LeiaPage; onOddity: OnOddity },
): ReturnType<Leia['newestJobs']> => {
  const exchange = await call(request);
  if ('reply' in exchange && isEmptyList(exchange.reply))
    return { outcome: 'found', value: { jobs: [], total: 0, ...dateOf(exchange.reply) } };
  return answerOf(exchange, 200, (reply) => {
    const jobs = leiaJobsOf(textOf(reply), onOddity);
    return jobs && { jobs, total: totalOf(reply, page, jobs.length), ...dateOf(reply) };
  });
};

/** The one form of time that LEIA documents, to the second (contract §2.2): at worst it shows a second's jobs again. */
const listQuery = ({ createdAfter, createdBefore, offset, limit }: LeiaPage): string =>
  new URLSearchParams({
    created_after: toTheSecond(createdAfter),
    ...(createdBefore === undefined ? {} : { created_before: toTheSecond(createdBefore) }),
    sort: '-creation_time',
    offset: String(offset),
    limit: String(limit),
  }).toString();

const toTheSecond = (instant: string): string => instant.slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);

const dateOf = (reply: Reply): { date?: number } => {
  const date = Date.parse(reply.headers.get('date') ?? '');
  return Number.isNaN(date) ? {} : { date };
};

/** LEIA answers 404 for "nothing found" (contract §2.3). */
const isEmptyList = (reply: Reply): boolean =>
  reply.status === 404 && (refusalOf(reply) !== undefined || /\/0$/.test(reply.headers.get('content-range') ?? ''));

/** From `first-last/total`; without it a full page means that there may be more. */
const totalOf = (reply: Reply, { offset, limit }: LeiaPage, count: number): number => {
  const total = /\/(\d+)$/.exec(reply.headers.get('content-range')?.trim() ?? '')?.[1];
  return Math.max(
    total === undefined ? 0 : Number(total),
    offset + count + (total === undefined && count >= limit ? 1 : 0),
  );
};
