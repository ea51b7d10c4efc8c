// A client of the LEIA API, as a program would be one: it knows a base URL and a key.
import { z } from 'zod';
import { poll } from './poll.ts';
import { LocalRunError } from './processes.ts';

const document = z.object({ id: z.string(), filename: z.string(), original_id: z.string().nullish() });
const model = z.object({ id: z.string(), model_type: z.string() });
const job = z.object({
  id: z.string(),
  job_type: z.string(),
  status: z.string(),
  creation_time: z.string(),
  reason: z.string().nullable(),
  http_code: z.number().nullable(),
  result: z.unknown(),
});

export type Document = z.infer<typeof document>;
export type Job = z.infer<typeof job>;

/** A job as it was read, and how the mirror learnt of its status. */
export interface Reading {
  readonly job: Job;
  readonly observedVia: string | null;
}

type Query = Readonly<Record<string, string>>;

const requestSeconds = 30;
const finished = ['PROCESSED', 'FAILED', 'CANCELED'];

/** The documents that a finished job has made, one or many. */
export const documentsOf = ({ result }: Job): Document[] =>
  z.union([z.array(document), document.transform((one) => [one])]).parse(result);

/** What a finished classification says, as in `invoice (99.9 %)`. */
export const categoryOf = ({ result }: Job): string | undefined => {
  const { data } = z.object({ category: z.string(), accuracy: z.number() }).safeParse(result);
  return data && `${data.category} (${(data.accuracy * 100).toFixed(1)} %)`;
};

/** Logs in and returns what can be done with the token. */
export const connect = async (baseUrl: string, apiKey: string) => {
  const login = await request(baseUrl, 'POST', '/login', { json: { api_key: apiKey } });
  const { token } = z.object({ token: z.string() }).parse(await login.json());
  const call = (method: string, path: string, body: Body = {}): Promise<Response> =>
    request(baseUrl, method, path, { ...body, token });
  const submit = async (path: string, query: Query, body: Body = {}): Promise<Job> =>
    job.parse(await (await call('POST', `${path}?${new URLSearchParams(query)}`, body)).json());

  const upload = async (filename: string, bytes: Uint8Array<ArrayBuffer>): Promise<Document> =>
    document.parse(await (await call('POST', `/document?${new URLSearchParams({ filename })}`, { bytes })).json());
  const models = async (): Promise<z.infer<typeof model>[]> =>
    z.array(model).parse(await (await call('GET', '/model')).json());
  const text = async (documentId: string): Promise<string> =>
    (await call('GET', `/document/${documentId}/file_contents`)).text();
  const read = async (jobId: string): Promise<Reading> => {
    const reply = await call('GET', `/job/${jobId}`);
    return { job: job.parse(await reply.json()), observedVia: reply.headers.get('x-observed-via') };
  };
  const awaitEnd = (jobId: string, seconds: number): Promise<Reading> =>
    poll(
      async () => {
        const reading = await read(jobId);
        return finished.includes(reading.job.status) ? reading : undefined;
      },
      { seconds, everyMs: 500, what: `job ${jobId} to end` },
    );
  return {
    upload,
    models,
    text,
    read,
    awaitEnd,
    apply: (modelId: string, documentId: string, query: Query = {}): Promise<Job> =>
      submit(`/model/${modelId}/apply/${documentId}`, query),
    transform: (documentId: string, outputType: string, query: Query = {}): Promise<Job> =>
      submit(`/document/${documentId}/transform/${outputType}`, query),
    conditional: (afterId: string, rules: object): Promise<Job> =>
      submit(`/job/conditional/${afterId}`, {}, { json: { rules } }),
    explain: async (jobId: string): Promise<unknown> => (await call('GET', `/job/${jobId}/explain`)).json(),
    start: async (jobId: string): Promise<void> => {
      await call('POST', `/job/${jobId}/start`);
    },
    cancel: async (jobId: string): Promise<void> => {
      await call('DELETE', `/job/${jobId}`);
    },
  };
};

export type Client = Awaited<ReturnType<typeof connect>>;

interface Body {
  readonly json?: unknown;
  readonly bytes?: Uint8Array<ArrayBuffer>;
  readonly token?: string;
}

/** @throws LocalRunError with what the server said, for anything but 2xx */
const request = async (
  baseUrl: string,
  method: string,
  path: string,
  { json, bytes, token }: Body,
): Promise<Response> => {
  const reply = await fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      ...(token !== undefined && { token }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...(bytes && { 'content-type': 'application/octet-stream' }),
    },
    body: bytes ?? (json === undefined ? null : JSON.stringify(json)),
    signal: AbortSignal.timeout(requestSeconds * 1000),
  });
  if (!reply.ok) throw new LocalRunError(`${method} ${path} answers ${reply.status}: ${await reply.text()}`);
  return reply;
};
