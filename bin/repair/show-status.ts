// The status of a deployment, written for a person.
import { lanes } from '../../functions/jobs/lanes.ts';
import { type Age, type ApplicationSight, ages, type LaneSight, type Status } from './status.ts';
import { age, ago, counted, section } from './words.ts';

/** What the jobs of a lane wait for (functions/jobs/lanes.ts). */
const laneTitles = {
  unsent: 'unsent: not at LEIA yet',
  intent: 'intent: LEIA has not confirmed a start or cancel',
  absent: 'absent: LEIA showed a first 404',
  watch: 'watch: LEIA may show a duplicate',
  sent: 'sent: in flight at LEIA',
  held: 'held: waits for another job',
  chain: 'chain: its rules are run',
  due: 'due: ended, follow-ups to be done',
} as const;

const ageTitles: Record<Age, string> = {
  later: 'later',
  minute: '< 1 min',
  ten_minutes: '< 10 min',
  hour: '< 1 h',
  day: '< 1 d',
  older: 'older',
};

export const showStatus = (status: Status, now: number): string =>
  [
    section(
      'Jobs, by how long they have been there',
      ['', 'jobs', ...ages.map((one) => ageTitles[one]), 'oldest'],
      lanes.map((lane) => [laneTitles[lane], ...laneCells(status.lanes[lane], now)]),
    ),
    status.service_deployed
      ? `Executions of conditional jobs that run: ${counted(status.executions_running)}`
      : 'The service stack is not deployed: nothing works on these jobs.',
    section(
      'Queues (about so many messages)',
      ['', 'waiting', 'in flight', 'delayed'],
      status.queues.map(({ name, waiting, in_flight, delayed }) => [
        name,
        ...[waiting, in_flight, delayed].map(String),
      ]),
    ),
    `Failed batches of changes in the bucket: ${counted(status.set_aside)}${status.set_aside.oldest ? `, the oldest ${ago(status.set_aside.oldest, now)}` : ''}`,
    section(
      'Applications',
      ['', 'unfinished', 'last sweep of sent', 'of held', 'of LEIA’s list', 'breaker', 'LEIA'],
      status.applications.map((one) => applicationCells(one, now)),
    ),
    ...status.applications.flatMap((one) => absenceText(one, now)),
    ...status.unknown.map((what) => `Could not be looked at: ${what}`),
  ].join('\n\n');

const laneCells = (sight: LaneSight | undefined, now: number): string[] =>
  sight
    ? [
        counted(sight),
        ...ages.map((one) => String(sight.by_age[one] ?? '')),
        sight.oldest === undefined || Date.parse(sight.oldest) > now ? '' : ago(sight.oldest, now),
      ]
    : ['0'];

const applicationCells = (one: ApplicationSight, now: number): string[] => {
  const unfinished = lanes.flatMap((lane) => (lane === 'due' ? [] : (one.lanes[lane] ?? [])));
  const count = unfinished.reduce((sum, sight) => sum + sight.count, 0);
  const isBound = unfinished.some((sight) => sight.at_least);
  return [
    one.application_id,
    counted({ count, ...(isBound ? { at_least: true } : {}) }),
    ...['sent', 'held', 'discovered'].map((lane) => ago(one.swept[lane], now)),
    breakerText(one, now),
    leiaText(one),
  ];
};

const absenceText = (one: ApplicationSight, now: number): string[] => {
  const { application_id: id, halted_since: since, absence_believed_until: until } = one;
  return [
    ...(since
      ? [`LEIA does not know many jobs of ${id}, since ${ago(since, now)}; none of them FAILS (docs/runbook.md)`]
      : []),
    ...(until ? [`Jobs of ${id} that LEIA does not know FAIL, however many, until ${until}`] : []),
  ];
};

const breakerText = ({ breaker }: ApplicationSight, now: number): string => {
  if (breaker.open) return `open for ${age(breaker.open_until - now)} more, ${breaker.failures} failures`;
  if (breaker.open_until > 0) return `to be probed, ${breaker.failures} failures`;
  return breaker.failures > 0 ? `closed, ${breaker.failures} failures` : 'closed';
};

const leiaText = ({ leia }: ApplicationSight): string => {
  switch (leia?.leia) {
    case undefined:
      return '–';
    case 'answers':
      return `answers in ${leia.milliseconds} ms`;
    case 'refuses-key':
      return `refuses our key: ${leia.cause}`;
    case 'does-not-answer':
      return `does not answer: ${leia.cause}`;
    case 'keyless':
      return 'its key is not in the secret';
    case 'not-asked':
      return 'not asked: others took too long';
  }
};
