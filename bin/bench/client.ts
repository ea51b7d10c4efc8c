// The same client on both ways: through the functions, and straight to LEIA.
import * as z from 'zod';
import type { Answer, Sent } from '../../test/support/gateway.ts';
import type { Place } from './findings.ts';
import type { Lambdas } from './lambdas.ts';

const Job = z.object({ id: z.string(), status: z.string() });
export type Job = z.infer<typeof Job>;

/** A job that every run submits: one document, a small result. */
export interface Work {
  readonly modelId: string;
  readonly documentId: string;
}

export interface Client {
  submit(work: Work): Promise<Job>;
  read(id: string): Promise<Job>;
}

type Ask = (name: 'session' | 'submit-job' | 'read-jobs', sent: Sent) => Promise<{ text: string }>;

/** Logs in. */
const clientOf = async (ask: Ask, apiKey: string): Promise<Client> => {
  const json = { 'content-type': 'application/json' };
  const body = JSON.stringify({ api_key: apiKey });
  const login = await ask('session', { method: 'POST', path: '/login', headers: json, body });
  const { token } = z.object({ token: z.string() }).parse(JSON.parse(login.text));
  const headers = { ...json, token };
  return {
    submit: async ({ modelId, documentId }) => {
      const path = `/model/${modelId}/apply/${documentId}`;
      const query = 'format_type=classification';
      return jobIn(await ask('submit-job', { method: 'POST', path, query, headers, body: '{}' }));
    },
    read: async (id) => jobIn(await ask('read-jobs', { path: `/job/${id}`, headers })),
  };
};

const jobIn = ({ text }: Pick<Answer, 'text'>): Job => Job.parse(JSON.parse(text));

const basePath = '/leia/1.0.0';

export const ourClient = (lambdas: Lambdas, { apiKey }: Place): Promise<Client> =>
  clientOf((name, sent) => lambdas.request(name, { ...sent, path: basePath + sent.path }), apiKey);

export const directClient = ({ distantLeiaUrl, leiaApiKey }: Place): Promise<Client> =>
  clientOf(async (_name, { method = 'GET', path, query = '', headers = {}, body = null }) => {
    const sent = { method, headers, body: body === null ? null : String(body) };
    const reply = await fetch(`${distantLeiaUrl}${path}?${query}`, sent);
    const text = await reply.text();
    if (!reply.ok) throw new Error(`LEIA answers ${reply.status}: ${text}`);
    return { text };
  }, leiaApiKey);

/** What there is to do at LEIA: its classifier, and a document uploaded for it. */
export const workAtLeia = async ({ leiaUrl, leiaApiKey }: Place): Promise<Work> => {
  const Id = z.object({ id: z.string() });
  const json = async (path: string, init: RequestInit): Promise<unknown> =>
    (await fetch(`${leiaUrl}${path}`, init)).json();
  const body = JSON.stringify({ api_key: leiaApiKey });
  const login = await json('/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  const { token } = z.object({ token: z.string() }).parse(login);
  const models = z.array(Id.extend({ model_type: z.string() })).parse(await json('/model', { headers: { token } }));
  const model = models.find(({ model_type }) => model_type === 'classification');
  const headers = { token, 'content-type': 'application/octet-stream' };
  const upload = { method: 'POST', headers, body: 'To whom it may concern' };
  const document = Id.parse(await json('/document?filename=letter.txt', upload));
  return { modelId: model?.id ?? '', documentId: document.id };
};
