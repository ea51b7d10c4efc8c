// What a chain uses of AWS: the functions in this process, on the table of the emulated AWS and behind a distant LEIA.
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { withMemory } from '../../functions/adapters/access-memory.ts';
import { accessTable } from '../../functions/adapters/access-table.ts';
import { jobTable } from '../../functions/adapters/job-table.ts';
import type { Mirror } from '../../functions/adapters/mirror.ts';
import { tableClient } from '../../functions/adapters/table-client.ts';
import { isFinished } from '../../functions/jobs/job.ts';
import { settingsOf } from '../../lib/config.ts';
import { type Client, logIn } from '../../test/flow/support/ground.ts';
import { leiaHooks } from '../../test/leia/hooks.ts';
import { type Bundle, startBundle } from '../../test/support/bundle.ts';
import { MODEL } from '../../test/support/jobs.ts';
import type { Images, MemoryMirror } from '../../test/support/memory-mirror.ts';
import { poll } from '../local/poll.ts';
import { type Meter, newMeter, type Use } from './chain-meter.ts';

export interface ChainPlace {
  /** LEIA as near as it is, for its hooks, and as far as the functions are from it. */
  readonly leiaUrl: string;
  readonly distantLeiaUrl: string;
  readonly leiaApiKey: string;
  readonly aws: DynamoDBClientConfig;
  readonly tableName: string;
  readonly bucketName: string;
}

export const entries = 3;
/** The first warms up; of the others the means are taken. */
const runs = 4;
const jobMillis = 200;

/** The use of each of several runs of the same chain. */
export const useOfChains = async (place: ChainPlace): Promise<Use[]> => {
  const hooks = leiaHooks(place.leiaUrl);
  await hooks.script({ durationMs: jobMillis });
  const meter = newMeter();
  const table = tableClient(place.aws);
  meter.watch(table);
  const { leiaApiKey, distantLeiaUrl: leiaUrl } = place;
  const access = withMemory(accessTable({ client: table, tableName: place.tableName }), Date.now);
  const mirror = withStream(tableOf(place, table));
  const bundle = await startBundle({ leiaUrl, leiaApiKey, leiaTimeoutSeconds: 5, mirror, access, around: meter.call });
  try {
    const client = await logIn(bundle.baseUrl, bundle.apiKey);
    const uses: Use[] = [];
    for (let run = 0; run < runs; run += 1) uses.push(await runOne(bundle, client, meter));
    return uses.slice(1);
  } finally {
    await bundle.close();
    await hooks.clearScripts();
  }
};

/** A chain behind a job that has ended: both have their costs, and only the chain's count. */
const runOne = async (bundle: Bundle, client: Client, meter: Meter): Promise<Use> => {
  const settled = settledJobs(bundle.mirror);
  const document = await client.upload();
  const classification = { format_type: 'classification' };
  const trigger = await submit(client, `/model/${MODEL}/apply/${document}`, classification);
  await settled.has(trigger);
  await bundle.leia.resetCounts();
  meter.take();
  const eventsBefore = bundle.events?.().length ?? 0;

  const read = { job_type: 'transform', output_type: 'text', document_ids: [document] };
  const classify = { job_type: 'apply_model', model_id: MODEL, ...classification };
  const rules = {
    invoice: { conditions: { category: 'invoice', accuracy: { $gte: 0.5 } }, jobs: [read, classify, classify] },
    letter: { conditions: { category: 'letter' }, jobs: [read] },
  };
  const chain = await submit(client, `/job/conditional/${trigger}`, { rules });
  await settled.has(chain);
  settled.stop();
  return {
    ...meter.take(),
    transitions: bundle.machine.transitions(chain),
    events: (bundle.events?.().length ?? 0) - eventsBefore,
    leiaRequests: Object.values(await bundle.leia.counts()).reduce((sum, count) => sum + count, 0),
  };
};

const submit = async (client: Client, path: string, body: object): Promise<string> => {
  const { status, json } = await client.post(path, body);
  if (status !== 200) throw new Error(`${path} answers ${status}: ${json.detail}`);
  return String(json.id);
};

/** Learns without asking the table of it which jobs have ended with all that follows. */
const settledJobs = (mirror: MemoryMirror) => {
  const settled = new Set<string>();
  const stop = mirror.changes(({ after }) => {
    if (isFinished(after) && after.follow_up_due === undefined) settled.add(after.id);
  });
  const has = (id: string) =>
    poll(async () => settled.has(id) || undefined, { seconds: 30, everyMs: 20, what: `job ${id} to end` });
  return { has, stop };
};

const tableOf = ({ tableName, bucketName, distantLeiaUrl }: ChainPlace, table: ReturnType<typeof tableClient>) => {
  const { indexShards: shards, retentionDays, refusalMemorySeconds } = settingsOf({ leiaUrl: distantLeiaUrl });
  const times = { retentionSeconds: retentionDays * 86_400, refusalMemorySeconds, now: Date.now };
  return jobTable({ client: table, tableName, bucketName, shards, ...times });
};

/** A mirror that tells of its changes as its table's stream would. */
const withStream = (mirror: Mirror): MemoryMirror => {
  const listeners = new Set<(images: Images) => void>();
  const tell = (images: Images): void => {
    for (const listener of listeners) listener(images);
  };
  return {
    ...mirror,
    create: async (job, request) => {
      const existing = await mirror.create(job, request);
      if (!existing) tell({ before: undefined, after: job });
      return existing;
    },
    createChild: async (child, request) => {
      const outcome = await mirror.createChild(child, request);
      if (outcome === 'created') tell({ before: undefined, after: child });
      return outcome;
    },
    change: async (id, decide, known) => {
      const change = await mirror.change(id, decide, known);
      if (change?.after) tell({ before: change.before, after: change.after });
      return change;
    },
    changes: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => {
      throw new Error('a table is not looked at as a whole');
    },
  };
};
