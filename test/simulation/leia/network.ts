// Between the bundle's functions and LEIA: what each request meets on its way there and back.
import { Unreached } from '../../../functions/adapters/leia-connection.ts';
import type { FaultKind, Faults } from '../faults.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Container } from '../kernel/lambda.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { LeiaReply, SimulatedLeia } from './leia.ts';

/** Root of LEIA, as the bundle is told. */
export const LEIA_URL = 'https://leia.test/leia/1.0.0';

/** Whether LEIA as a whole is away, and how. */
export type Weather = { state: 'up' | 'down' | 'silent' | 'refusing' };

export type SentToLeia = { kind: string; at: number; from: string };

export type LeiaNetwork = {
  /** `fetch` for what runs in a container. */
  fetchIn(container: Container): typeof globalThis.fetch;
  weather: Weather;
  /** Jobs that LEIA shows to nobody for now. */
  hidden: Set<string>;
  /** Requests that reached LEIA or tried to. */
  sent: SentToLeia[];
  /** Of submissions that reached LEIA after their senders had given up: LEIA's ids of the jobs. */
  lateJobs: Set<string>;
  /** Submissions that will reach LEIA yet. */
  inTheAir(): number;
};

type State = Omit<LeiaNetwork, 'fetchIn' | 'inTheAir'> & { airborne: number };
type Parts = { scheduler: Scheduler; chance: Chance; faults: Faults; leia: SimulatedLeia };

type Fate = 'fine' | 'unreached' | 'silence' | 'refused key' | Extract<FaultKind, `leia-${string}`>;

export const leiaNetwork = (parts: Parts): LeiaNetwork => {
  const network: State = {
    airborne: 0,
    weather: { state: 'up' },
    hidden: new Set(),
    sent: [],
    lateJobs: new Set(),
  };
  const fetchIn =
    (container: Container): typeof globalThis.fetch =>
    (target, init = {}) =>
      new Promise((resolve, reject) => {
        const request = new Request(String(target), init.signal ? withoutSignal(init) : init);
        const { signal } = init;
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        container.deliver(() => exchange(parts, network, { container, request, resolve, reject }));
      });
  return Object.assign(network, { fetchIn, inTheAir: () => network.airborne });
};

const withoutSignal = ({ signal: _signal, ...init }: RequestInit): RequestInit => init;

type Exchange = {
  container: Container;
  request: Request;
  resolve: (response: Response) => void;
  reject: (error: unknown) => void;
};

const exchange = (parts: Parts, network: State, { container, request, resolve, reject }: Exchange): unknown => {
  const { scheduler, chance, faults, leia } = parts;
  const its = container.call ?? container.name;
  const line = `${request.method} ${new URL(request.url).pathname.slice('/leia/1.0.0'.length)}`;
  const isSubmission = request.method === 'POST' && /\/(apply|transform)\//.test(request.url);
  const kind = isSubmission ? 'submit' : line.replaceAll(/[0-9a-f,]{24,}/g, '*');
  const crash = container.crashAt(line);
  if (crash === 'before') return container.die(`before LEIA: ${line}`);
  const fate = fateOf(parts, network, { isSubmission, line });
  network.sent.push({ kind, at: scheduler.now(), from: its });
  const back = (give: () => void): void => {
    scheduler.after(
      faults.strikes('leia-slow') ? chance.between(500, 6000) : chance.between(2, 60),
      () => `${its} ← LEIA: ${line}`,
      () => container.deliver(give),
    );
  };
  network.airborne += Number(isSubmission);
  const arrive = async (): Promise<unknown> => {
    network.airborne -= Number(isSubmission);
    if (fate === 'unreached') return back(() => reject(connectionRefused()));
    if (fate === 'silence') return undefined;
    if (fate === 'refused key') return back(() => resolve(problem(403)));
    if (fate === 'leia-error') return back(() => resolve(problem(chance.pick([500, 502, 503, 503, 429]))));
    const reply = await leia.serve(request);
    if (fate === 'leia-late') return reply.status === 200 && network.lateJobs.add(idIn(reply));
    scheduler.note(
      () =>
        `LEIA answers ${reply.status}${reply.status >= 400 ? ` ${text(reply)}` : isSubmission ? ` with job ${idIn(reply)}` : ''}`,
    );
    if (crash === 'after') return container.die(`after LEIA: ${line}`);
    if (fate === 'leia-cut') return back(() => reject(connectionCut()));
    if (fate === 'leia-garbage') return back(() => resolve(new Response('{"id": "5dce', { status: 200 })));
    return back(() => resolve(responseOf(hide(network, request, reply), leia.now())));
  };
  const late = chance.happens(0.5) ? chance.between(6000, 30_000) : chance.between(6000, 400_000);
  const delay = fate === 'leia-late' ? late : chance.between(2, 60);
  return scheduler.after(
    delay,
    () => `${its} → LEIA: ${line}${fate === 'fine' ? '' : ` – ${fate}`}`,
    () => void arrive(),
  );
};

const fateOf = (
  { faults }: Parts,
  { weather }: State,
  { isSubmission, line }: { isSubmission: boolean; line: string },
): Fate => {
  if (weather.state === 'down') return 'unreached';
  if (weather.state === 'silent') return 'silence';
  if (weather.state === 'refusing' && line.startsWith('POST /login')) return 'refused key';
  if (isSubmission && faults.strikes('leia-late')) return 'leia-late';
  for (const kind of ['leia-error', 'leia-garbage', 'leia-cut'] as const) if (faults.strikes(kind)) return kind;
  return 'fine';
};

const text = ({ body }: LeiaReply): string => new TextDecoder().decode(body);
const idIn = (reply: LeiaReply): string => /"id":"([0-9a-f]{24})"/.exec(text(reply))?.[1] ?? '';

/** LEIA as one that has not heard of a job yet would answer. */
const hide = ({ hidden }: Pick<LeiaNetwork, 'hidden'>, request: Request, reply: LeiaReply): LeiaReply => {
  const { pathname } = new URL(request.url);
  const isHidden = [...hidden].some(
    (id) => pathname.includes(`/job/${id}`) || (pathname.includes('/status') && pathname.includes(id)),
  );
  return isHidden && request.method === 'GET'
    ? {
        status: 404,
        headers: { 'content-type': 'application/problem+json' },
        body: Buffer.from('{"status":404,"detail":"Job not found"}'),
      }
    : reply;
};

const responseOf = ({ status, headers, body }: LeiaReply, now: number): Response =>
  new Response(body.byteLength === 0 ? null : Buffer.from(body), {
    status,
    headers: { ...headers, date: new Date(now).toUTCString() },
  });

const problem = (status: number): Response =>
  new Response(JSON.stringify({ type: 'about:blank', status, detail: `Made to answer ${status}` }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...(status === 429 ? { 'retry-after': '3' } : {}) },
  });

/** As connections fail. */
const connectionRefused = (): Error => new Unreached(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
const connectionCut = (): Error => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
