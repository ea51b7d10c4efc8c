// LEIA as far as an outage goes: logins, submissions, statuses and lists over a `fetch` of our own, at a distance in
// simulated time; down between two instants, and counting every request that is made to it.
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { Unreached } from '../../../functions/adapters/leia-connection.ts';
import { instant } from '../../../functions/jobs/job.ts';
import { anApplication } from '../../../test/support/callers.ts';
import type { SimulatedClock } from './clock.ts';

/** How a LEIA that is down behaves: nobody listens, or somebody takes the request and never answers. */
export type Outage = 'refuses connections' | 'does not answer';

interface OutageLeiaOptions {
  readonly clock: SimulatedClock;
  readonly millis: number;
  /** Of the client's patience. */
  readonly timeoutMillis: number;
  readonly down: { readonly how: Outage; readonly from: number; readonly until: number };
}

const url = 'https://leia.example/leia/1.0.0';
const Submitted = z.object({ callback_url: z.string() });
const hex = (): string => randomBytes(12).toString('hex');

export const outageLeia = ({ clock, millis, timeoutMillis, down }: OutageLeiaOptions) => {
  const requests: { at: number; kind: string }[] = [];
  const jobs: { id: string; creation_time: string; callback_url: string }[] = [];

  const submit = (body: string, document: string) => {
    const { callback_url } = Submitted.parse(JSON.parse(body));
    const job = jobOf({ id: hex(), callback_url, document, now: clock.now() });
    jobs.push(job);
    return answer(job);
  };
  const list = (query: URLSearchParams) => {
    const [after = '', before = '9'] = [query.get('created_after') ?? '', query.get('created_before') ?? '9'];
    const found = jobs.filter(({ creation_time: at }) => at >= after && at < before).toReversed();
    const offset = Number(query.get('offset'));
    const page = found.slice(offset, offset + Number(query.get('limit')));
    const range = `${offset}-${offset + page.length - 1}/${found.length}`;
    return answer(page, { 'content-range': range, date: new Date(clock.now()).toUTCString() });
  };
  const reply = (method: string, { pathname, searchParams }: URL, body: string): Response => {
    const [kind = '', id = ''] = pathname.slice('/leia/1.0.0/'.length).split('/');
    if (kind === 'login') return answer({ token: hex(), application: anApplication() });
    if (method === 'POST') return submit(body, id);
    if (id === '') return list(searchParams);
    return answer(
      Object.fromEntries(
        decodeURIComponent(id)
          .split(',')
          .map((one) => [one, 'READY']),
      ),
    );
  };

  const fetch: typeof globalThis.fetch = async (target, init) => {
    const [address, method] = [new URL(String(target)), init?.method ?? 'GET'];
    requests.push({ at: clock.now(), kind: `${method} ${address.pathname.split('/').at(-1)}` });
    const isDown = clock.now() >= down.from && clock.now() < down.until;
    if (isDown && down.how === 'refuses connections') {
      await clock.sleep(1);
      throw new Unreached(refused());
    }
    if (isDown) {
      await clock.sleep(timeoutMillis);
      throw new DOMException('no answer', 'TimeoutError');
    }
    await clock.sleep(millis);
    return reply(method, address, Buffer.from((init?.body as Uint8Array | null) ?? []).toString());
  };
  return { url, fetch, requests, jobs };
};

const refused = () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' });

const answer = (body: unknown, headers: Record<string, string> = {}): Response => Response.json(body, { headers });

interface Made {
  readonly id: string;
  readonly callback_url: string;
  readonly document: string;
  readonly now: number;
}

const jobOf = ({ id, callback_url, document, now }: Made) => ({
  id,
  callback_url,
  application_id: anApplication().id,
  submitter_id: anApplication().id,
  creation_time: instant(now),
  document_ids: [document],
  job_type: 'image-text',
  status: 'READY',
});
