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

/** Where LEIA shows no callback URL, nothing tells what a submission made that reached it after its sender had given up. */
export const isUntold = ({ leia, network }: Pick<Facts, 'leia' | 'network'>, leiaId: string): boolean =>
  leia.hidesCallbackUrls && network.lateJobs.has(leiaId);

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
