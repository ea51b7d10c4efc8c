// The measured process: the functions and their client, and nothing else that would cost CPU. Its standard output
// takes the functions' logs, as in Lambda.
//   node bin/bench/measure.ts <directory with place.json; gets findings.json>
import { readFile, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { leiaHooks } from '../../test/leia/hooks.ts';
import type { Sent } from '../../test/support/gateway.ts';
import { callbackInbox } from './callback-inbox.ts';
import { directClient, ourClient, workAtLeia } from './client.ts';
import { type Findings, findingsFile, Place, placeFile } from './findings.ts';
import { loadLambdas } from './lambdas.ts';
import { measureLatencies } from './latencies.ts';
import { liveThrough, settledJobIn } from './lives.ts';
import { followStream } from './table-stream.ts';

const [directory = ''] = process.argv.slice(2);
const lifeCount = 100;
const lossyLifeCount = 300;
/** 2 %. */
const loseEach = 50;

const measure = async (place: Place): Promise<Findings> => {
  await using cleanup = new AsyncDisposableStack();
  const lambdas = await loadLambdas(place.bundles);
  const deliver = (callback: Sent) => lambdas.request('receive-callback', callback);

  const inbox: Sent[] = [];
  let take = (callback: Sent): void => void inbox.push(callback);
  cleanup.use(await callbackInbox(place.callbackPort, (callback) => take(callback)));

  const ours = await ourClient(lambdas, place);
  const work = await workAtLeia(place);
  const hooks = leiaHooks(place.leiaUrl);
  const latencies = await measureLatencies({ ours, direct: await directClient(place), work, hooks, inbox, deliver });

  const settled = new Set<string>();
  const stream = await followStream(place, async (records) => {
    await lambdas.follow(records);
    for (const record of records) {
      const id = settledJobIn(record);
      if (id !== undefined) settled.add(id);
    }
  });
  cleanup.use(stream);
  let arrived = 0;
  let each = 0;
  take = (callback) => {
    arrived += 1;
    // What goes wrong here ends the process, and the bench with it.
    if (each === 0 || arrived % each !== 0) void deliver(callback);
  };
  const lose = (one: number): void => {
    each = one;
    arrived = 0;
  };
  const stage = { ours, work, hooks, sweep: lambdas.sweep, settled, lose };
  const lives = await liveThrough(stage, lifeCount, 0);
  return { ...latencies, lives, livesWithLosses: await liveThrough(stage, lossyLifeCount, loseEach) };
};

const findings = await measure(Place.parse(JSON.parse(await readFile(placeFile(directory), 'utf8'))));
await writeFile(findingsFile(directory), JSON.stringify(findings));
// Connections to LEIA stay open for a while.
process.exit();
