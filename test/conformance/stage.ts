// Where a vector is replayed: a local LEIA that has the ids of the vectors, and a new bundle for each of them.
import { type Client, call, logIn } from '../flow/support/ground.ts';
import { developer, secondDeveloper } from '../leia/applications.ts';
import { type LocalLeia, startLeia } from '../leia/server.ts';
import { type Bundle, startBundle } from '../support/bundle.ts';
import { type RawReply, rawRequest } from '../support/raw-request.ts';
import { APPLICATION, D1, D2, J, type Vector } from './vectors.ts';

/** The key in the vectors, which the bundle knows, and one that it does not. */
const API_KEY = 'key-1234';

/** `J` as LEIA shall show it. */
export type ShownAs = Parameters<LocalLeia['hooks']['forceJob']>[1];

/** `own`: the caller's; `foreign`: another application's; `absent`: nobody's. */
export type Whose = 'own' | 'foreign' | 'absent';

export type Stage = {
  leia: LocalLeia;
  /** A bundle with an empty mirror, for one vector. */
  scene(whose: Whose): Promise<Scene>;
  close(): Promise<void>;
};

export type Scene = {
  bundle: Bundle;
  client: Client;
  leia: LocalLeia;
  send(vector: Vector, change?: { token?: string; target?: string }): Promise<RawReply>;
  close(): Promise<void>;
};

/** The application of the vectors is an admin, as it was to the capture server. */
const caller = { ...developer, id: APPLICATION, application_type: 'admin' as const };

export const startStage = async (): Promise<Stage> => {
  const [leia, empty] = await Promise.all([leiaWithIds([D1, D2, J]), leiaWithIds([D1, D2])]);
  const keys = { own: caller.api_key, foreign: secondDeveloper.api_key, absent: caller.api_key };
  return {
    leia,
    scene: async (whose) => {
      const its = whose === 'absent' ? empty : leia;
      const bundle = await startBundle({ leiaUrl: its.url, leiaApiKey: keys[whose], apiKey: API_KEY });
      const client = await logIn(bundle.baseUrl, bundle.apiKey);
      const send: Scene['send'] = (vector, { token = client.token, target } = {}) =>
        sent(bundle.baseUrl, { ...vector, raw_target_after_base: target ?? vector.raw_target_after_base }, token);
      return { bundle, client, leia: its, send, close: bundle.close };
    },
    close: async () => {
      await Promise.all([leia.close(), empty.close()]);
    },
  };
};

/** Documents D1 and D2, D2 with the tag that Java trains on, and J, which stays READY like all jobs. */
const leiaWithIds = async (ids: string[]): Promise<LocalLeia> => {
  const next = [...ids];
  const leia = await startLeia({ apiKeys: [caller, secondDeveloper], nextId: () => next.shift() });
  await leia.hooks.holdJobs(true);
  const client = await logIn(leia.url, leia.adminApiKey);
  for (const name of ['a.pdf', 'b.pdf&tags=mytag']) await client.upload(name);
  if (ids.includes(J)) await client.post(`/document/${D1}/transform/image`);
  return leia;
};

/** The request as it was on the wire. */
const sent = (baseUrl: string, vector: Vector, token: string): Promise<RawReply> =>
  rawRequest(baseUrl, {
    method: vector.method,
    target: vector.raw_target_after_base,
    headers: { ...vector.headers, ...(vector.headers.token === undefined ? {} : { token }) },
    body: vector.body_text,
  });

/** Whether a token still opens anything. */
export const isAlive = async ({ bundle }: Scene, token: string): Promise<boolean> =>
  (await call(`${bundle.baseUrl}/whoami`, { headers: { token } })).status === 200;
