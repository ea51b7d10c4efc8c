import { createServer, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';

export const Job = z.looseObject({
  id: z.string(),
  status: z.string(),
  document_ids: z.array(z.string()),
  callback_url: z.string().nullable(),
  starting_time: z.string().nullable(),
  finished_time: z.string().nullable(),
  reason: z.string().nullable(),
  http_code: z.number().nullable(),
  result_type: z.string().nullable(),
  result: z.unknown(),
});
export type Job = z.infer<typeof Job>;

export const Documents = z.array(
  z.looseObject({ id: z.string(), tags: z.array(z.string()), page: z.number().nullable() }),
);

type Body = NonNullable<RequestInit['body']>;

export type Answer = { status: number; headers: Headers; text: string; json: unknown };

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const finished = ['PROCESSED', 'FAILED', 'CANCELED'];

/** A client with a token of its own, saying what it sends. */
export const logIn = async (url: string, apiKey: string) => {
  const send = async (token: string, method: string, path: string, body?: Body): Promise<Answer> => {
    const response = await fetch(url + path, { method, headers: { token }, body: body ?? null });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  };
  const login = await send('', 'POST', '/login', JSON.stringify({ api_key: apiKey }));
  const { token } = z.object({ token: z.string() }).parse(login.json);

  const call = (method: string, path: string, body?: Body) => send(token, method, path, body);
  const job = async (method: string, path: string, body?: unknown): Promise<Job> =>
    Job.parse((await call(method, path, body === undefined ? undefined : JSON.stringify(body))).json);

  return {
    token,
    call,
    /** Posts a submission with its parameters in the body. */
    submit: (path: string, parameters?: Record<string, unknown>) => job('POST', path, parameters),
    get: (id: string) => job('GET', `/job/${id}`),
    /** Asks until the job has finished. */
    async ended(id: string): Promise<Job> {
      for (;;) {
        const now = await job('GET', `/job/${id}`);
        if (finished.includes(now.status)) return now;
        await sleep(10);
      }
    },
    async upload(filename: string, content: Body = 'content', query = ''): Promise<string> {
      const answer = await call('POST', `/document?filename=${encodeURIComponent(filename)}${query}`, content);
      return z.object({ id: z.string() }).parse(answer.json).id;
    },
  };
};
export type Client = Awaited<ReturnType<typeof logIn>>;

export type Received = { url: string; headers: IncomingHttpHeaders; job: Job };

/** Listens for callbacks and answers them, after a while, with the next of `answers`, then with 204. */
export const callbackReceiver = async (answers: number[] = [], answerAfterMs = 0) => {
  const received: Received[] = [];
  let open = 0;
  let mostAtOnce = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    open += 1;
    mostAtOnce = Math.max(mostAtOnce, open);
    response.on('close', () => {
      open -= 1;
    });
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      if (answerAfterMs > 0) await sleep(answerAfterMs);
      const job = Job.parse(JSON.parse(Buffer.concat(chunks).toString()));
      received.push({ url: request.url ?? '', headers: request.headers, job });
      const status = answers.shift() ?? 204;
      response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    /** How many waited for their answers at the same time, at most. */
    mostAtOnce: () => mostAtOnce,
    async [Symbol.asyncDispose](): Promise<void> {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
};

/** Waits until something holds; fails after two seconds. */
export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  const giveUp = Date.now() + 2_000;
  while (!(await holds())) {
    if (Date.now() > giveUp) throw new Error('It did not come to hold within two seconds');
    await sleep(5);
  }
};
