// One job, written for a person.
import type { JobSight } from './job.ts';
import { ago, columns } from './words.ts';

export const showJob = (sight: JobSight, now: number): string => {
  const { record, explanation } = sight;
  return [
    `Job ${record.id}: ${explanation.now}`,
    columns([...Object.entries(record).flatMap(([key, value]) => rowOf(key, value, now)), ...placeRows(sight, now)]),
    ...listed('Waits for, from the nearest on', sight.prerequisites.map(relativeCells)),
    ...listed(
      'FAILED because of, down to the root',
      explanation.failed_because.map(({ job_id, job_type, status, reason }) => [
        job_id,
        job_type,
        status,
        reason ?? '',
      ]),
    ),
    ...rules(sight),
    ...listed(
      'Jobs that wait for it',
      sight.dependents.map((id) => [id]),
    ),
  ].join('\n\n');
};

const rowOf = (key: string, value: unknown, now: number): string[][] => {
  if (value === null || (Array.isArray(value) && value.length === 0)) return [];
  const text = typeof value === 'string' ? value : Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
  const isPast = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && Date.parse(value) <= now;
  return [[key, isPast ? `${text} (${ago(text, now)})` : text]];
};

const placeRows = (sight: JobSight, now: number): string[][] => {
  const { lane, callback_host, execution, resubmit } = sight;
  return [
    ...(lane ? [['lane', `${lane.lane}, ${Date.parse(lane.at) > now ? `from ${lane.at}` : `since ${lane.at}`}`]] : []),
    ...(execution ? [['execution', execution]] : []),
    ...(callback_host === null ? [] : [['callback to', callback_host]]),
    ...callbackRows(sight.explanation, now),
    ['resubmit', resubmit],
  ];
};

/** How far its caller has been told of the end. */
const callbackRows = ({ callback }: JobSight['explanation'], now: number): string[][] =>
  callback === null
    ? []
    : [
        [
          'callback',
          `${callback.state}, ${callback.tries} tries, ${callback.answer ?? 'no answer yet'} (${ago(callback.at, now)})`,
        ],
      ];

const relativeCells = ({ id, job_type, status, stage, reason }: JobSight['prerequisites'][number]): string[] => [
  id,
  job_type,
  status,
  stage,
  reason ?? '',
];

const rules = ({ explanation, children }: JobSight): string[] => [
  ...listed(
    'Rules',
    (explanation.rules ?? []).map(({ rule, why }) => [rule, why]),
  ),
  ...listed(
    'Children, by rule and entry',
    children.map((child) => [`${child.rule}.${child.entry}`, ...relativeCells(child)]),
  ),
];

const listed = (title: string, rows: string[][]): string[] => (rows.length === 0 ? [] : [`${title}\n${columns(rows)}`]);
