// What a journey stands on: the bundle, by its base URL, and a local LEIA behind it. The same journeys run on the
// emulated AWS and, much faster, in one process.
import type { Summary } from '../../../functions/acts/sweep.ts';
import type { Chains } from '../../../functions/adapters/chains.ts';
import type { Mirror } from '../../../functions/adapters/mirror.ts';
import type { LeiaHooks, RawJob } from '../../leia/hooks.ts';

export type Ground = {
  baseUrl: string;
  apiKey: string;
  leiaUrl: string;
  leiaApiKey: string;
  /** A key of ours for an application that is an admin at LEIA. */
  adminApiKey: string;
  leia: LeiaHooks;
  /** What callbacks to the holder of `apiKey` are signed with. */
  webhookSecret: string;
  /** Ids of the jobs whose callbacks were set aside. */
  deadCallbacks(): Promise<string[]>;
  /** One sweep over all applications, now. */
  sweep(): Promise<Summary[]>;
  /** Lets so many seconds of the bundle's time pass. */
  pass(seconds: number): Promise<void>;
  /** The mirror itself, to look at, and to make what no client can make. */
  mirror: Mirror;
  /** The executions of conditional jobs. */
  chains: Chains;
  /** Runs one step of a chain once more, as the state machine would after a failure of Lambda. */
  runStep(task: { job_id: string; rule: number; entry: number; task_token: string }): Promise<void>;
  /**
   * Gives the states of these names so many seconds for a step, in executions that start from now on; what comes back
   * puts the old times in place again.
   */
  changeStepSeconds(seconds: Record<string, number>): Promise<() => Promise<void>>;
  /** Whether the bundle is told that an execution has died. */
  tellOfDeaths(on: boolean): Promise<void>;
  /** As the runbook says: the one before still counts. Gives the new one. */
  rotateCallbackSecret(): Promise<string>;
  /** Follow-ups that were sent as events: `<job id>/<status>`, if this ground can tell. */
  events?(): string[];
};

export type Reply = { status: number; headers: Headers; text: string; json: Record<string, unknown> };

/** A client of a LEIA at `url`, with its token. */
export type Client = {
  token: string;
  get(path: string, headers?: Record<string, string>): Promise<Reply>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>;
  delete(path: string): Promise<Reply>;
  /** Uploads a small text document and gives its id. */
  upload(name?: string): Promise<string>;
};

export const call = async (url: string, init: RequestInit = {}): Promise<Reply> => {
  const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json') && text !== '';
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} };
};

export const logIn = async (url: string, apiKey: string): Promise<Client> => {
  const login = await call(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api_key: apiKey }),
  });
  if (login.status !== 200) throw new Error(`login: ${login.status} ${login.text}`);
  const token = String(login.json.token);
  const send = (
    method: string,
    path: string,
    { body, headers }: { body?: unknown; headers?: Record<string, string> } = {},
  ) =>
    call(`${url}${path}`, {
      method,
      headers: { token, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    token,
    get: (path, headers) => send('GET', path, headers ? { headers } : {}),
    post: (path, body, headers) =>
      send('POST', path, { ...(body === undefined ? {} : { body }), ...(headers ? { headers } : {}) }),
    delete: (path) => send('DELETE', path),
    upload: async (name = 'a.txt') => {
      const reply = await call(`${url}/document?filename=${name}`, {
        method: 'POST',
        headers: { token, 'content-type': 'application/octet-stream' },
        body: `text of ${name}`,
      });
      if (reply.status !== 200) throw new Error(`upload: ${reply.status} ${reply.text}`);
      return String(reply.json.id);
    },
  };
};

/** Asks until the answer is not undefined. @throws Error when it stays so for `seconds`. */
export const eventually = async <T>(what: string, ask: () => Promise<T | undefined>, seconds = 20): Promise<T> => {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

/** The job once it shows one of these statuses; by default, once it is finished. */
export const awaitStatus = (
  client: Client,
  id: string,
  statuses = ['PROCESSED', 'FAILED', 'CANCELED'],
): Promise<Reply['json']> =>
  eventually(`job ${id} to be ${statuses}`, async () => {
    const { json } = await client.get(`/job/${id}`);
    return statuses.includes(String(json.status)) ? json : undefined;
  });

/** The jobs of LEIA that were made for job `id` of ours. */
export const atLeia = async (ground: Ground, id: string): Promise<RawJob[]> =>
  (await ground.leia.jobs()).filter((job) => (job.callback_url ?? '').includes(`/callbacks/${id}/`));

/** Sweeps, with time passing, until `done` says so. */
export const sweepUntil = async (ground: Ground, what: string, done: () => Promise<boolean>): Promise<void> => {
  for (let round = 0; round < 30; round += 1) {
    await ground.sweep();
    if (await done()) return;
    await ground.pass(1);
  }
  throw new Error(`${what}: not within 30 sweeps`);
};
