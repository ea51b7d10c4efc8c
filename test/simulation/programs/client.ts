// A program that uses the bundle: logs in, submits, polls, starts, cancels, and hears of it or not.
import { isFinished, Status } from '../../../functions/jobs/job.ts';
import { basePath } from '../../../functions/runtime/routes.ts';
import type { HttpReply, HttpRequest } from '../cloud/gateway.ts';
import type { Faults } from '../faults.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { Asked, Ledger } from './ledger.ts';
import { newSubmission } from './submissions.ts';

export type Program = {
  name: string;
  apiKey: string;
  application: string;
  documents: string[];
  /** Before the paths of submissions, and of jobs; empty unless it is an admin's (contract §2.1). */
  under: { submissions: string; jobs: string };
  scheduler: Scheduler;
  chance: Chance;
  faults: Faults;
  ledger: Ledger;
  http: (request: HttpRequest) => Promise<HttpReply>;
  /** When it ends (epoch milliseconds). */
  until: number;
};

type Session = { token: string };

export const runProgram = async (program: Program): Promise<void> => {
  const { scheduler, chance, until } = program;
  const session = { token: '' };
  while (session.token === '' && scheduler.now() < until) {
    await scheduler.sleep(chance.between(100, 15_000), `${program.name} wants to log in`);
    await logIn(program, session);
  }
  const count = chance.between(4, 8);
  for (let nth = 0; nth < count && scheduler.now() < until; nth += 1) {
    await scheduler.sleep(
      chance.happens(0.5) ? chance.between(10, 3000) : chance.between(1000, 120_000),
      `${program.name} goes on`,
    );
    void followOne({ ...program, chance: chance.of(`job ${nth}`) }, session);
  }
};

/** A client without an answer knows nothing. */
const ask = async (program: Program, request: HttpRequest): Promise<HttpReply | undefined> => {
  const { scheduler, chance, faults, http, name } = program;
  const what = `${request.method} ${request.path.slice(basePath.length)}`;
  scheduler.note(() => `${name}: ${what} ${request.body ?? ''}`);
  await scheduler.sleep(chance.between(5, 80), `${name} → ${what}`);
  const reply = await http(request);
  const lost = faults.strikes('reply-lost');
  await scheduler.sleep(
    chance.between(5, 80),
    `${name} ← ${what} ${reply.status}${lost ? ' – lost' : ''} ${reply.body.slice(0, 200)}`,
  );
  return lost ? undefined : reply;
};

const logIn = async (program: Program, session: Session): Promise<void> => {
  const body = JSON.stringify({ api_key: program.apiKey });
  program.ledger.asksLeia();
  const reply = await ask(program, { method: 'POST', path: `${basePath}/login`, body });
  if (reply?.status === 200) session.token = JSON.parse(reply.body).token;
};

/** With its token; once more after a 401, as SDKs do (contract §1.3). */
const askAs = async (program: Program, session: Session, request: HttpRequest): Promise<HttpReply | undefined> => {
  const send = () =>
    ask(program, { ...request, path: basePath + request.path, headers: { ...request.headers, token: session.token } });
  const reply = await send();
  if (reply?.status !== 401) return reply;
  await logIn(program, session);
  return send();
};

const followOne = async (program: Program, session: Session): Promise<void> => {
  const { scheduler, chance, ledger, until } = program;
  const asked = newSubmission({ ...program });
  const id = await submit(program, session, asked);
  if (id === undefined) return;
  let patience = asked.blocked ? chance.below(4) : Number.POSITIVE_INFINITY;
  let interest = chance.happens(0.25) ? chance.below(5) : Number.POSITIVE_INFINITY;
  const isCurious = chance.happens(0.25);
  while (scheduler.now() < until && !isOver(ledger.furthest(id))) {
    await scheduler.sleep(
      chance.happens(isCurious ? 0.8 : 0.3) ? chance.between(50, 2000) : chance.between(2000, 60_000),
      `${program.name} looks at ${id}`,
    );
    // Its looks overtake each other, and its start, on their way to LEIA and back.
    for (let nth = isCurious ? chance.below(4) : 0; nth > 0; nth -= 1) {
      scheduler.after(
        chance.below(400),
        () => `${program.name} looks again`,
        () => void look(program, session, id, ANEW),
      );
    }
    if (patience-- <= 0) {
      patience = Number.POSITIVE_INFINITY;
      await start(program, session, id);
    }
    if (interest-- <= 0) {
      interest = Number.POSITIVE_INFINITY;
      await cancel(program, session, asked, id);
    }
    await look(program, session, id);
  }
};

const isOver = (status: Status | undefined): boolean => status !== undefined && isFinished({ status });

/** With a key a client asks again until it has an answer; without one it must not. */
const submit = async (program: Program, session: Session, asked: Asked): Promise<string | undefined> => {
  const { scheduler, chance, ledger, until } = program;
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    ...(asked.key === undefined ? {} : { 'idempotency-key': asked.key }),
  };
  while (scheduler.now() < until) {
    const reply = await askAs(program, session, {
      method: 'POST',
      path: program.under.submissions + asked.path,
      headers,
      body: JSON.stringify(asked.body),
    });
    if (reply?.status === 200) {
      const { id, status } = jobIn(reply);
      asked.ids.add(id);
      ledger.saw(id, status, undefined);
      return id;
    }
    const isRefused = reply !== undefined && reply.status < 500 && reply.status !== 409 && reply.status !== 401;
    if (asked.key === undefined || isRefused) return undefined;
    await scheduler.sleep(chance.between(200, 10_000), `${program.name} asks again for ${asked.name}`);
  }
  return undefined;
};

const jobIn = (reply: HttpReply): { id: string; status: Status } => {
  const { id, status } = JSON.parse(reply.body);
  return { id, status: Status.parse(status) };
};

const start = async ({ ...program }: Program, session: Session, id: string): Promise<void> => {
  const before = program.ledger.furthest(id);
  const reply = await askAs(program, session, { method: 'POST', path: `${program.under.jobs}/job/${id}/start` });
  if (reply?.status === 200) program.ledger.saw(id, jobIn(reply).status, before);
};

const cancel = async (program: Program, session: Session, asked: Asked, id: string): Promise<void> => {
  program.ledger.cancelled.add(id);
  const reply = await askAs(program, session, { method: 'DELETE', path: `${program.under.jobs}/job/${id}` });
  if (reply?.status === 204) asked.cancelledAt = program.scheduler.now();
};

/** The way to look at a job that wants LEIA's word of this moment. */
const ANEW = 0;

/** By one of the ways there are. */
const look = async (program: Program, session: Session, id: string, way = program.chance.below(10)): Promise<void> => {
  const { ledger, application, under } = program;
  const headers: Record<string, string> = way === ANEW ? { 'cache-control': 'no-cache' } : {};
  if (way === ANEW) ledger.asksLeia();
  if (way === 1) return lookAtList(program, session);
  const others = way === 2 ? ledger.known(application).slice(0, 5) : [];
  const ids = [...new Set([id, ...others])];
  const before = new Map(ids.map((one) => [one, ledger.furthest(one)]));
  const path = way <= 3 && way > 1 ? `/job/${ids.join(',')}/status` : `/job/${id}`;
  const reply = await askAs(program, session, { method: 'GET', path: under.jobs + path, headers });
  if (reply?.status === 404) ledger.violations.push(`a client asked for job ${id} and heard 404`);
  if (reply?.status !== 200) return;
  const statuses = path.endsWith('/status') ? JSON.parse(reply.body) : { [id]: jobIn(reply).status };
  for (const one of ids) if (statuses[one] !== undefined) ledger.saw(one, Status.parse(statuses[one]), before.get(one));
};

const lookAtList = async (program: Program, session: Session): Promise<void> => {
  const { ledger, application } = program;
  const before = new Map(ledger.known(application).map((one) => [one, ledger.furthest(one)]));
  const reply = await askAs(program, session, { method: 'GET', path: '/job' });
  if (reply?.status !== 200) return;
  for (const { id, status } of JSON.parse(reply.body)) ledger.saw(id, Status.parse(status), before.get(id));
};

/** Somebody starts or cancels a job, when nothing goes wrong any more. */
export const decide = async (
  { http, apiKey, ledger, scheduler }: Pick<Program, 'http' | 'apiKey' | 'ledger' | 'scheduler'>,
  id: string,
  what: 'start' | 'cancel',
): Promise<void> => {
  if (what === 'cancel') ledger.cancelled.add(id);
  const login = await http({ method: 'POST', path: `${basePath}/login`, body: JSON.stringify({ api_key: apiKey }) });
  const headers = { token: String(JSON.parse(login.body).token) };
  const path = `${basePath}/job/${id}${what === 'start' ? '/start' : ''}`;
  const { status } = await http({ method: what === 'start' ? 'POST' : 'DELETE', path, headers });
  scheduler.note(() => `somebody: ${what} ${id}: ${status}`);
};
