// What a deployment is at: every lane of the sweep with its jobs by age, and all that can go wrong beside it. Large
// tables are read up to a bound, and a number that is a lower bound says so.
import pMap from 'p-map';
import * as z from 'zod';
import type { Absence } from '../../functions/jobs/absence.ts';
import type { Breaker } from '../../functions/jobs/breaker.ts';
import { instant } from '../../functions/jobs/job.ts';
import { type Lane, type LaneEntry, lanes } from '../../functions/jobs/lanes.ts';
import { LeiaSeen } from '../../functions/jobs/repair.ts';
import { sentenceOf } from './failure.ts';
import type { QueueSight } from './queues.ts';
import type { Site } from './site.ts';
import { type Count, plus } from './words.ts';

/** Ages by which jobs are counted: how long they have been in their lane. `later`: their time has not come yet. */
export const ages = ['later', 'minute', 'ten_minutes', 'hour', 'day', 'older'] as const;
export type Age = (typeof ages)[number];

export type LaneSight = Count & { oldest?: string; by_age: Partial<Record<Age, number>> };

export type ApplicationSight = {
  application_id: string;
  email: string | null;
  lanes: Partial<Record<Lane, LaneSight>>;
  breaker: Breaker & { open: boolean };
  /** LEIA does not know many of its jobs since then, and none of them FAILS; a person may decide (`absence`). */
  halted_since?: string;
  /** A person has decided: until then jobs FAIL that LEIA does not know, however many. */
  absence_believed_until?: string;
  /** When the last complete sweep of a lane began: `sent`, `held` and `discovered`, LEIA's own list. */
  swept: Record<string, string>;
  leia?: Omit<LeiaSeen, 'application_id'>;
};

export type Status = {
  deployment: string;
  service_deployed: boolean;
  applications: ApplicationSight[];
  /** All applications together. */
  lanes: Partial<Record<Lane, LaneSight>>;
  executions_running: Count;
  queues: Omit<QueueSight, 'url'>[];
  /** Failed batches of the stream in the bucket. */
  set_aside: Count & { oldest?: string };
  /** What could not be looked at, and why. */
  unknown: string[];
};

export type StatusOptions = {
  /** Read no more jobs of a lane and application than this. */
  most: number;
  /** Whether LEIA is asked. */
  leia: boolean;
};

const AT_ONCE = 8;

export const statusOf = async (site: Site, { most, leia }: StatusOptions): Promise<Status> => {
  const unknown: string[] = [];
  const known = async <T>(what: string, look: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await look;
    } catch (error) {
      unknown.push(`${what}: ${sentenceOf(error)}`);
      return otherwise;
    }
  };
  const ids = await site.access.applicationIds();
  const [applications, executions, queues, setAside, seen] = await Promise.all([
    pMap(ids, (id) => applicationSight(site, id, most), { concurrency: AT_ONCE }),
    site.isServed ? known('executions', runningExecutions(site, most), { count: 0 }) : { count: 0 },
    known('queues', site.queues.all(), []),
    known('failed batches', setAsideSight(site, most), { count: 0 }),
    leia && site.isServed ? known('LEIA', askLeia(site), []) : [],
  ]);
  const answers = new Map(seen.map(({ application_id, ...answer }) => [application_id, answer]));
  return {
    deployment: site.says,
    service_deployed: site.isServed,
    applications: applications.map((one) => ({ ...one, ...leiaOf(answers, one) })),
    lanes: sumOf(applications.map((one) => one.lanes)),
    executions_running: executions,
    queues: queues.map(({ url: _url, ...queue }) => queue),
    set_aside: setAside,
    unknown,
  };
};

const leiaOf = (
  answers: ReadonlyMap<string, Omit<LeiaSeen, 'application_id'>>,
  { application_id }: ApplicationSight,
): Pick<ApplicationSight, 'leia'> => {
  const leia = answers.get(application_id);
  return leia ? { leia } : {};
};

const applicationSight = async (site: Site, id: string, most: number): Promise<ApplicationSight> => {
  const [application, breaker, absence, marks, sights] = await Promise.all([
    site.access.application(id),
    site.access.breaker(id),
    site.access.absence(id),
    site.access.watermarks(id),
    pMap(lanes, async (lane) => [lane, await laneSight(site, id, { lane, most })] as const),
  ]);
  return {
    application_id: id,
    email: application?.email ?? null,
    lanes: Object.fromEntries(sights.filter(([, { count }]) => count > 0)),
    breaker: { ...breaker, open: breaker.open_until > site.now() },
    ...absenceSight(absence, site.now()),
    swept: Object.fromEntries(
      Object.entries(marks)
        // How far LEIA's list was read, by LEIA's clock, says nothing of when.
        .filter(([lane]) => lane !== 'discovery')
        .map(([lane, at]) => [lane, new Date(at).toISOString()]),
    ),
  };
};

const absenceSight = (
  { halted_at, believed_until = 0 }: Absence,
  now: number,
): Pick<ApplicationSight, 'halted_since' | 'absence_believed_until'> => ({
  ...(halted_at === undefined ? {} : { halted_since: instant(halted_at) }),
  ...(believed_until > now ? { absence_believed_until: instant(believed_until) } : {}),
});

const laneSight = async (
  site: Site,
  application: string,
  { lane, most }: { lane: Lane; most: number },
): Promise<LaneSight> => {
  const byAge: LaneSight['by_age'] = {};
  let count = 0;
  for await (const entry of site.mirror.lane(application, lane, {})) {
    if (count === most) return { count, at_least: true, by_age: byAge, ...(await oldestOf(site, application, lane)) };
    count += 1;
    const age = ageOf(entry, site.now());
    byAge[age] = (byAge[age] ?? 0) + 1;
  }
  return { count, by_age: byAge, ...(count > 0 ? await oldestOf(site, application, lane) : {}) };
};

const oldestOf = async (site: Site, application: string, lane: Lane): Promise<{ oldest?: string }> => {
  const oldest = await site.mirror.oldestInLane(application, lane);
  return oldest === undefined ? {} : { oldest };
};

const minute = 60_000;
const bounds: [Age, number][] = [
  ['later', 0],
  ['minute', minute],
  ['ten_minutes', 10 * minute],
  ['hour', 60 * minute],
  ['day', 24 * 60 * minute],
];

const ageOf = ({ at }: LaneEntry, now: number): Age =>
  bounds.find(([, until]) => now - Date.parse(at) < until)?.[0] ?? 'older';

const sumOf = (all: ApplicationSight['lanes'][]): Status['lanes'] =>
  Object.fromEntries(
    lanes.flatMap((lane) => {
      const sights = all.flatMap((one) => one[lane] ?? []);
      return sights.length === 0 ? [] : [[lane, sights.reduce(added)]];
    }),
  );

const added = (one: LaneSight, other: LaneSight): LaneSight => {
  const [oldest] = [one.oldest, other.oldest].filter((at) => at !== undefined).toSorted();
  const byAge = ages.flatMap((age) => {
    const sum = (one.by_age[age] ?? 0) + (other.by_age[age] ?? 0);
    return sum === 0 ? [] : [[age, sum]];
  });
  return { ...plus(one, other), by_age: Object.fromEntries(byAge), ...(oldest === undefined ? {} : { oldest }) };
};

const runningExecutions = async ({ chains }: Site, most: number): Promise<Count> => {
  const { size } = await chains.running(most);
  return size >= most ? { count: size, at_least: true } : { count: size };
};

const setAsideSight = async ({ setAside }: Site, most: number): Promise<Status['set_aside']> => {
  const { batches, more } = await setAside.list(most);
  const [oldest] = batches;
  return {
    count: batches.length,
    ...(more ? { at_least: true as const } : {}),
    ...(oldest ? { oldest: oldest.at } : {}),
  };
};

const askLeia = async ({ functions }: Site): Promise<LeiaSeen[]> =>
  z.array(LeiaSeen).parse(await functions.call('repair', { action: 'ask-leia' }));
