// What was given up is tried again: dead letters of the queues, sweeps that the schedule missed, deaths of executions
// that nobody heard of, failed batches of the stream. Each has a way of its own; all are safe to repeat.
import * as z from 'zod';
import { Failure, sentenceOf } from './failure.ts';
import type { Message, QueueSight } from './queues.ts';
import { replay } from './replay.ts';
import type { Site } from './site.ts';
import { type Count, counted, section } from './words.ts';

export type Redriven = { source: string; redriven: number; failures: string[] };

/** Something that was given up, of one kind. */
export type Source = Count & {
  /** As one names it to `redrive`. */
  name: string;
  /** What redriving does. */
  does: string;
  /** Some of it: job ids, where it says them. */
  sample: string[];
  redrive(progress: (done: number) => void): Promise<Redriven>;
};

/** Looks at no more failed batches than this at once. */
const MOST_BATCHES = 1000;

/** Those of these names that hold something; of all, if none is named. @throws Failure for a name that there is not */
export const sourcesOf = async (site: Site, names: readonly string[]): Promise<Source[]> => {
  const queues = (await site.queues.all()).flatMap((queue) => sourceOfQueue(site, queue) ?? []);
  const known = [...queues.map(({ name }) => name), 'changes'];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new Failure(`nothing to redrive is called ${unknown.join(', ')}; there are ${known.join(', ')}`);
  const wanted = (name: string): boolean => names.length === 0 || names.includes(name);
  const sources = [
    ...queues.filter(({ name, count }) => wanted(name) && count > 0),
    ...(wanted('changes') ? await changesOf(site) : []),
  ];
  return Promise.all(sources.map((source) => ('queue' in source ? withSample(site, source) : source)));
};

type QueueSource = Omit<Source, 'sample'> & { queue: QueueSight };

/** Undefined for a queue that is at work. */
const sourceOfQueue = (site: Site, queue: QueueSight): QueueSource | undefined => {
  const { dead_of: target } = queue;
  const count = queue.waiting;
  if (target !== undefined) {
    const name = queue.name.replace(/^dead /, '');
    const put = async (messages: Message[]) => ({ done: await site.queues.send(target, messages) });
    const does = `puts them back on the queue ${name}`;
    return { name, count, queue, does, redrive: (progress) => workOff(site, { name, queue, progress, act: put }) };
  }
  const { [queue.name]: way } = ways;
  return (
    way && {
      name: queue.name,
      count,
      queue,
      does: way.does,
      redrive: (progress) => way.redrive(site, { name: queue.name, queue, progress }),
    }
  );
};

/** Those that are done with, and why others are not. */
type Act = (messages: Message[]) => Promise<{ done: Message[]; failures?: string[] }>;
type Working = { name: string; queue: QueueSight; progress: (done: number) => void };

const ways: Record<string, { does: string; redrive(site: Site, working: Working): Promise<Redriven> }> = {
  'missed-sweeps': {
    does: 'sweeps once, which does the work of all that were missed',
    redrive: async (site, working) => {
      await site.functions.call('sweep', {});
      return workOff(site, { ...working, act: async (messages) => ({ done: messages }) });
    },
  },
  'unheard-deaths': {
    does: 'tells run-chain that these executions have ended',
    redrive: (site, working) => workOff(site, { ...working, act: (messages) => tellDeaths(site, messages) }),
  },
};

/** Others must not get them meanwhile, if somebody else redrives at the same time. */
const HIDDEN_SECONDS = 60;
/** SQS shows a part of its messages at a time; this often with none, and there are none. */
const EMPTY_LOOKS = 3;

/**
 * Takes no more messages than there were: what comes back as dead while this runs would go round in circles.
 */
const workOff = async ({ queues }: Site, { name, queue, progress, act }: Working & { act: Act }): Promise<Redriven> => {
  const redriven: Redriven = { source: name, redriven: 0, failures: [] };
  let left = queue.waiting;
  for (let empty = 0; left > 0 && empty < EMPTY_LOOKS; ) {
    const messages = await queues.receive(queue.url, HIDDEN_SECONDS);
    empty = messages.length === 0 ? empty + 1 : 0;
    if (messages.length === 0) continue;
    left -= messages.length;
    try {
      const { done, failures = [] } = await act(messages);
      await queues.drop(queue.url, done);
      redriven.redriven += done.length;
      redriven.failures.push(...failures);
      if (done.length + failures.length < messages.length)
        redriven.failures.push(`${messages.length - done.length} were not taken`);
    } catch (error) {
      redriven.failures.push(sentenceOf(error));
    }
    progress(redriven.redriven);
  }
  return redriven;
};

const ended = z.object({ action: z.literal('execution-ended'), job_id: z.string() });
/** run-chain's own event, as EventBridge could not hand it over or as Lambda gave it up; or what EventBridge had of it. */
const Death = z.union([
  ended,
  z.object({ requestPayload: ended }).transform(({ requestPayload }) => requestPayload),
  z
    .object({ detail: z.object({ name: z.string() }) })
    .transform(({ detail }) => ({ action: 'execution-ended' as const, job_id: detail.name })),
]);

const tellDeaths = async ({ functions }: Site, messages: Message[]): ReturnType<Act> => {
  const done: Message[] = [];
  const failures: string[] = [];
  for (const message of messages) {
    try {
      const death = Death.safeParse(jsonOf(message.body));
      if (!death.success) throw new Failure('it names no execution');
      await functions.call('chain', death.data);
      done.push(message);
    } catch (error) {
      failures.push(`message ${message.id}: ${sentenceOf(error)}`);
    }
  }
  return { done, failures };
};

const changesOf = async (site: Site): Promise<Source[]> => {
  const { batches, more } = await site.setAside.list(MOST_BATCHES);
  if (batches.length === 0) return [];
  return [
    {
      name: 'changes',
      count: batches.length,
      ...(more ? { at_least: true as const } : {}),
      does: 'has follow-mirror follow these changes of jobs, in order, and deletes what it has followed',
      sample: batches.slice(0, SAMPLE).map(({ at, key }) => `${at} ${key.split('/').at(-1)}`),
      redrive: (progress) => replay(site, batches, progress),
    },
  ];
};

const SAMPLE = 5;
/** So short that whoever redrives next sees them. */
const PEEK_SECONDS = 2;

const Named = z.union([
  z.object({ job_id: z.string() }).transform(({ job_id }) => job_id),
  Death.transform(({ job_id }) => job_id),
]);

const withSample = async ({ queues }: Site, { queue, ...source }: QueueSource): Promise<Source> => {
  const messages = await queues.receive(queue.url, PEEK_SECONDS);
  const names = messages.flatMap(({ body }) => Named.safeParse(jsonOf(body)).data ?? []);
  return { ...source, sample: names.slice(0, SAMPLE) };
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

export const showSources = (sources: readonly Source[]): string =>
  sources.length === 0
    ? 'There is nothing to redrive.'
    : section(
        'To be redriven',
        ['', 'about', 'redriving it', 'such as'],
        sources.map((source) => [source.name, counted(source), source.does, source.sample.join(', ')]),
      );

export const showRedriven = (all: readonly Redriven[]): string =>
  all
    .flatMap(({ source, redriven, failures }) => [
      `${source}: ${redriven} redriven`,
      ...failures.map((failure) => `${source}: left where it was: ${failure}`),
    ])
    .join('\n');
