// What the invariants look at when a run is over, gathered once.
import type { JobRecord } from '../../../functions/jobs/job.ts';
import type { Job } from '../../leia/rules/model.ts';
import type { Stage } from '../run.ts';

export type Facts = Stage & {
  /** All jobs of the mirror but refusals. */
  jobs: JobRecord[];
  byId: Map<string, JobRecord>;
  /** Results by our id, as JSON text. */
  results: Map<string, string | null>;
  /** LEIA's job that counts for a job of the mirror, as it ended or is. */
  truthOf(job: JobRecord): Job | undefined;
  /** LEIA has it no longer. */
  hasVanished(leiaId: string): boolean;
  /** LEIA's jobs that carry our callback URL of a job, by our id. */
  atLeia: Map<string, Job[]>;
};

/** Our id in a callback URL of ours. */
export const ourIdIn = (callbackUrl: string | null): string | undefined =>
  /^https:\/\/bundle\.test\/callbacks\/([0-9a-f]{24})\//.exec(callbackUrl ?? '')?.[1];

/**
 * Where LEIA shows no callback URLs, nothing tells what a submission made that reached it after its sender had given up
 * or while, by another clock, it had; nor which of several LEIA jobs that are alike is whose (D2).
 */
export const isUntold = ({ leia, network, faults, jobs }: Facts, leiaId: string): boolean => {
  const job = leia.all.get(leiaId);
  if (!leia.hidesCallbackUrls || !job) return false;
  const isAlike = (other: Content): boolean => contentOf(other) === contentOf(job);
  const alike = [...leia.all.values()].filter((other) => other.id !== leiaId && isAlike(other));
  return (
    faults.isOn('clock-skew') ||
    network.lateJobs.has(leiaId) ||
    jobs.some((other) => other.leia_id === undefined && other.id !== ourIdIn(job.callback_url) && isAlike(other)) ||
    alike.some((other) => network.lateJobs.has(other.id) || ourIdIn(other.callback_url) !== ourIdIn(job.callback_url))
  );
};

/** What D2 compares. */
type Content = Pick<Job, 'submitter_id' | 'job_type' | 'document_ids'>;

const contentOf = ({ submitter_id, job_type, document_ids }: Content): string =>
  JSON.stringify([submitter_id, job_type, document_ids]);

export const factsOf = async (stage: Stage): Promise<Facts> => {
  const { ground, leia } = stage;
  const jobs = ground.mirror.snapshot().jobs.filter(({ refusal }) => refusal === undefined);
  const results = new Map<string, string | null>();
  for (const job of jobs) results.set(job.id, await ground.mirror.result(job));
  const atLeia = new Map<string, Job[]>();
  for (const job of leia.all.values()) {
    const id = ourIdIn(job.callback_url);
    if (id !== undefined) atLeia.set(id, [...(atLeia.get(id) ?? []), job]);
  }
  return {
    ...stage,
    jobs,
    byId: new Map(jobs.map((job) => [job.id, job])),
    results,
    atLeia,
    truthOf: ({ leia_id: id }) => (id === undefined ? undefined : (leia.ended.get(id) ?? leia.all.get(id))),
    hasVanished: (leiaId) => !leia.world.jobs.has(leiaId),
  };
};
