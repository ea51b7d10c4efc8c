// An outage of LEIA for ten minutes while jobs are submitted, in simulated time: what LEIA is asked meanwhile and in the
// ten minutes after, and when it has all of them (D2).

import { leiaMillis, tableMillis } from './ground.ts';
import { outageBundle } from './outage/bundle.ts';
import { simulatedClock } from './outage/clock.ts';
import { type Outage, outageLeia } from './outage/leia.ts';
import { atMost, beside, type Line, type Section } from './report.ts';
import { defaults } from './times.ts';

const minute = 60_000;
const outageMillis = 10 * minute;
const afterwardsMillis = 10 * minute;
const submissions = 10_000;
const containers = 10;
/** Requests to LEIA for each job, from the beginning of the outage until ten minutes after its end. */
const goal = 1.1;

interface Course {
  readonly during: number;
  readonly afterwards: number;
  readonly notSent: number;
  /** At LEIA, for all the jobs together. */
  readonly made: number;
  /** After LEIA was back. */
  readonly sentSeconds: number;
  readonly slowestAnswerMillis: number;
  readonly attempts: number;
}

const through = async (how: Outage): Promise<Course> => {
  const start = Date.UTC(2026, 0, 1);
  const clock = simulatedClock(start);
  const back = start + outageMillis;
  const end = back + afterwardsMillis;
  const down = { how, from: start, until: back };
  const leia = outageLeia({ clock, millis: leiaMillis, timeoutMillis: defaults.leiaTimeoutSeconds * 1000, down });
  const bundle = await outageBundle({ clock, leia, tableMillis, containers });
  let slowestAnswerMillis = 0;
  const submit = async (nth: number): Promise<void> => {
    await clock.sleep((nth * outageMillis) / submissions);
    const begin = clock.now();
    await bundle.submit(nth);
    slowestAnswerMillis = Math.max(slowestAnswerMillis, clock.now() - begin);
  };
  const sweepAt = async (at: number): Promise<void> => {
    await clock.sleep(at - start);
    await bundle.sweep();
  };
  const sweeps = Array.from({ length: (end - start) / minute }, (_, nth) => sweepAt(start + (nth + 0.5) * minute));
  const clients = Array.from({ length: submissions }, (_, nth) => submit(nth));
  await clock.run(Promise.all([...sweeps, ...clients]));

  const jobs = bundle.jobs();
  const sent = jobs.flatMap(({ sent_at }) => (sent_at === undefined ? [] : [Date.parse(sent_at)]));
  const asked = leia.requests.filter(({ at }) => at < end);
  return {
    during: asked.filter(({ at }) => at < back).length,
    afterwards: asked.filter(({ at }) => at >= back).length,
    notSent: submissions - sent.filter((at) => at < end).length,
    made: leia.jobs.length,
    sentSeconds: (Math.max(...sent) - back) / 1000,
    slowestAnswerMillis,
    attempts: Math.max(...jobs.map(({ attempt }) => attempt)),
  };
};

const linesOf = (how: Outage, course: Course): Line[] => [
  beside(`${how}: requests to LEIA during the outage`, `${course.during}`),
  beside(`${how}: requests to LEIA in the ten minutes after`, `${course.afterwards}`),
  atMost(`${how}: both, for each job`, (course.during + course.afterwards) / submissions, goal, (value) =>
    value.toFixed(3),
  ),
  atMost(`${how}: jobs not sent after ten minutes`, course.notSent, 0, String),
  atMost(`${how}: LEIA jobs for each job`, course.made / submissions, 1, (value) => value.toFixed(3)),
  beside(`${how}: all sent after LEIA was back`, `${course.sentSeconds.toFixed(0)} s`),
  beside(`${how}: slowest answer to a submission`, `${course.slowestAnswerMillis} ms`),
  beside(`${how}: most attempts of one job`, `${course.attempts}`),
];

export const outageSection = async (): Promise<Section> => {
  const lines: Line[] = [];
  for (const how of ['refuses connections', 'does not answer'] as const)
    lines.push(...linesOf(how, await through(how)));
  return {
    title: `LEIA is away for ten minutes while ${submissions} jobs are submitted (simulated time)`,
    lines,
    notes: [
      `${containers} containers of submit-job, a sweep each minute, the settings’ defaults; LEIA ${leiaMillis} ms away, the table ${tableMillis} ms.`,
      'Requests: all kinds, logins, statuses and lists among them. They are counted where they are made.',
    ],
  };
};
