// A deployment in memory as `npx leia-jobs` sees it, a terminal that keeps what it is told, and the program on both.
import type { DynamoDBRecord } from 'aws-lambda';
import { program } from '../../bin/repair/program.ts';
import type { Message, QueueSight, Queues } from '../../bin/repair/queues.ts';
import type { SetAside, StreamRecord } from '../../bin/repair/set-aside.ts';
import type { Site } from '../../bin/repair/site.ts';
import type { Terminal } from '../../bin/repair/terminal.ts';
import type { FollowDeps } from '../../functions/acts/follow.ts';
import type { Application } from '../../functions/adapters/access.ts';
import { followBatch } from '../../functions/follow-mirror.ts';
import { RepairTask } from '../../functions/jobs/repair.ts';
import { repairJobs } from '../../functions/repair-jobs.ts';
import { APPLICATION, seconds, T0 } from './jobs.ts';
import { memoryAccess } from './memory-access.ts';
import { memoryMirror } from './memory-mirror.ts';

/** An hour after T0. */
export const NOW = T0 + seconds(3600);

export const anApplication = (id: string): Application => ({
  id,
  application_type: 'developer',
  email: `${id}@example.com`,
  first_name: 'A',
  last_name: 'B',
});

type MemoryQueue = { sight: Pick<QueueSight, 'name' | 'url' | 'dead_of'>; messages: Message[]; hidden: Set<string> };

/** Shows a few messages at a time, as SQS does. */
const SHOWN = 3;

const memoryQueues = (): Queues & { put(url: string, ...bodies: unknown[]): void; bodies(url: string): unknown[] } => {
  const queue = (name: string, dead_of?: string): MemoryQueue => ({
    sight: { name, url: name, ...(dead_of ? { dead_of } : {}) },
    messages: [],
    hidden: new Set(),
  });
  const all = [
    queue('submissions'),
    queue('dead submissions', 'submissions'),
    queue('missed-sweeps'),
    queue('unheard-deaths'),
  ];
  let made = 0;
  const at = (url: string): MemoryQueue => {
    const found = all.find(({ sight }) => sight.url === url);
    if (!found) throw new Error(`no queue ${url}`);
    return found;
  };
  const append = (url: string, bodies: string[]): void => {
    for (const body of bodies) {
      made += 1;
      at(url).messages.push({ id: `m${made}`, body, receipt: `r${made}`, attributes: undefined });
    }
  };
  return {
    put: (url, ...bodies) =>
      append(
        url,
        bodies.map((body) => JSON.stringify(body)),
      ),
    bodies: (url) => at(url).messages.map(({ body }) => JSON.parse(body)),
    all: async () =>
      all.map(({ sight, messages }) => ({ ...sight, waiting: messages.length, in_flight: 0, delayed: 0 })),
    async receive(url, hiddenSeconds) {
      const { messages, hidden } = at(url);
      const shown = messages.filter(({ id }) => !hidden.has(id)).slice(0, SHOWN);
      if (hiddenSeconds > 10) for (const { id } of shown) hidden.add(id);
      return shown;
    },
    async send(url, messages) {
      const taken = messages.filter(({ body }) => !body.includes('not to be taken'));
      append(
        url,
        taken.map(({ body }) => body),
      );
      return taken;
    },
    async drop(url, messages) {
      const gone = new Set(messages.map(({ id }) => id));
      at(url).messages = at(url).messages.filter(({ id }) => !gone.has(id));
    },
  };
};

const memorySetAside = (): SetAside & { batches: Map<string, StreamRecord[]> } => {
  const batches = new Map<string, StreamRecord[]>();
  return {
    batches,
    list: async (most) => ({
      batches: [...batches.keys()]
        .toSorted()
        .slice(0, most)
        .map((at) => ({ key: `aws/lambda/esm/shard/${at}`, at })),
      more: batches.size > most,
    }),
    records: async ({ at }) => batches.get(at) ?? [],
    drop: async ({ at }) => void batches.delete(at),
  };
};

export const memorySite = async () => {
  const mirror = memoryMirror();
  const access = memoryAccess();
  await access.saveApplication(anApplication(APPLICATION), 'hash of a key');
  const queued: string[] = [];
  const events: string[] = [];
  const calls: [string, object][] = [];
  const queues = memoryQueues();
  const setAside = memorySetAside();
  const deps: FollowDeps & Parameters<typeof repairJobs>[1] = {
    mirror,
    access,
    leiaForKey: async () => undefined,
    submissions: { put: async (ids) => void queued.push(...ids) },
    callbacks: { put: async () => {} },
    events: {
      publish: async (changes) => {
        if (changes.some(({ to }) => to === 'LOADING_MODEL')) throw new Error('the bus is gone');
        events.push(...changes.map(({ id }) => id));
      },
    },
    chains: { start: async () => {}, stop: async () => {}, answer: async () => {} },
    now: () => NOW,
    count: () => {},
    warn: () => {},
  };
  const functions: Site['functions'] = {
    call: async (name, payload) => {
      calls.push([name, payload]);
      if (name === 'repair') return repairJobs(RepairTask.parse(payload), deps);
      if (name === 'follow')
        return followBatch((payload as { Records: DynamoDBRecord[] }).Records, { ...deps, fail: () => {} });
      return name === 'sweep' ? [{ submitter: APPLICATION, lanes: { unsent: { complete: true, asked: 2 } } }] : {};
    },
  };
  const site: Site = {
    says: 'leia-jobs in memory',
    isServed: true,
    mirror,
    access,
    chains: { running: async () => new Set<string>(), state: async () => 'running' },
    queues,
    setAside,
    functions,
    now: () => NOW,
  };
  return { site, mirror, access, queues, setAside, queued, events, calls };
};

export type Told = { answers: string[]; notes: string[]; progress: string[]; asked: string[] };

/** Runs `leia-jobs <args>`; `says`: what the person answers to each question; nobody is there where it is absent. */
export const leiaJobs = async (site: Site, args: string[], says?: boolean): Promise<Told & { json: () => unknown }> => {
  const told: Told = { answers: [], notes: [], progress: [], asked: [] };
  const terminal: Terminal = {
    answer: (text) => void told.answers.push(text),
    note: (text) => void told.notes.push(text),
    progress: (text) => void told.progress.push(text),
    confirm: (question) => {
      told.asked.push(question);
      return says === undefined ? undefined : Promise.resolve(says);
    },
  };
  await program({ terminal, connect: async () => site }).parseAsync(args, { from: 'user' });
  return { ...told, json: () => JSON.parse(told.answers.join('\n')) };
};
