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
import { withoutHop } from './hop.ts';
import { type Lambdas, loadLambdas } from './lambdas.ts';
import { measureLatencies } from './latencies.ts';
import { type LifeStage, liveThrough, settledJobIn } from './lives.ts';
import { followStream } from './table-stream.ts';

const [directory = ''] = process.argv.slice(2);
const lifeCount = 100;
const lossyLifeCount = 300;
/** 2 %. */
const loseEach = 50;

const measure = async (place: Place): Promise<Findings> => {
  await using cleanup = new AsyncDisposableStack();
  const lambdas = await loadLambdas(place.bundles);
  const ours = await ourClient(lambdas, place);
  const work = await workAtLeia(place);
  const hooks = leiaHooks(place.leiaUrl);
  const deliver = (callback: Sent) => lambdas.request('receive-callback', callback);

  const mail: Mail = { take: () => {} };
  cleanup.use(await callbackInbox(place.callbackPort, (callback) => mail.take(callback)));
  // Lives first: a sweep reads LEIA's list, and the other measurements' jobs would be in it.
  const lives = await measureLives({ place, lambdas, mail, deliver }, { ours, work, hooks });

  const inbox: Sent[] = [];
  mail.take = (callback) => inbox.push(callback);
  const direct = await directClient(place);
  const distances = {
    table: await withoutHop(place.distantTableUrl, place.tableMillis),
    leia: await withoutHop(place.distantLeiaUrl, place.leiaMillis),
  };
  return { ...lives, distances, ...(await measureLatencies({ ours, direct, work, hooks, inbox, deliver })) };
};

interface Mail {
  take: (callback: Sent) => void;
}

interface Around {
  readonly place: Place;
  readonly lambdas: Lambdas;
  readonly mail: Mail;
  readonly deliver: (callback: Sent) => Promise<unknown>;
}

const measureLives = async (
  { place, lambdas, mail, deliver }: Around,
  stage: Pick<LifeStage, 'ours' | 'work' | 'hooks'>,
): Promise<Pick<Findings, 'lives' | 'livesWithLosses'>> => {
  const settled = new Set<string>();
  await using _stream = await followStream(place, async (records) => {
    await lambdas.follow(records);
    for (const id of records.map(settledJobIn)) if (id !== undefined) settled.add(id);
  });
  const lose = (each: number): void => {
    let arrived = 0;
    mail.take = (callback) => {
      arrived += 1;
      // What goes wrong here ends the process, and the bench with it.
      if (each === 0 || arrived % each !== 0) void deliver(callback);
    };
  };
  const all = { ...stage, sweep: lambdas.sweep, settled, lose };
  const lives = await liveThrough(all, lifeCount, 0);
  return { lives, livesWithLosses: await liveThrough(all, lossyLifeCount, loseEach) };
};

const findings = await measure(Place.parse(JSON.parse(await readFile(placeFile(directory), 'utf8'))));
await writeFile(findingsFile(directory), JSON.stringify(findings));
// Connections to LEIA stay open for a while.
process.exit();
