// Nothing is left behind: no lease, dependent, mark, token or execution.
import type { JobRecord } from '../../../functions/jobs/job.ts';
import type { Facts } from './facts.ts';

const marks = [
  'follow_up_due',
  'claimed_until',
  'unproven',
  'doubt_since',
  'watch_since',
  'held_for',
  'task_token',
  'absent_since',
  'cancel_requested_at',
  'start_requested_at',
] as const satisfies (keyof JobRecord)[];

export const checkLeftovers = ({ jobs, ground }: Facts): string[] => [
  ...jobs.flatMap((job) =>
    marks.filter((mark) => job[mark] !== undefined).map((mark) => `job ${job.id} still has ${mark}`),
  ),
  ...ground.access.leases().map((owner) => `a lease of ${owner} is left behind`),
  ...Object.entries(ground.mirror.snapshot().dependents)
    .filter(([, dependents]) => dependents.length > 0)
    .map(([id, dependents]) => `dependents of job ${id} are left behind: ${dependents}`),
  ...ground.machine.running().map((name) => `the execution of job ${name} still runs`),
];
