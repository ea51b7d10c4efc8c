// Brings a sight of a LEIA job into the mirror.
import type { Leia, LeiaJob } from '../adapters/leia-api.ts';
import { isFinished, type JobRecord, type Source } from '../jobs/job.ts';
import { type Observation, type Observed, observe } from '../jobs/observation.ts';
import type { Deps } from './deps.ts';

export type Sighting = { job: JobRecord; outcome: Observed['outcome'] };

/**
 * Applies what somebody saw of a LEIA job to job `id`.
 * Undefined when the mirror has no such job. A `duplicate` is counted and changes nothing; see `cancelDuplicate`.
 */
export const observeJob = async (
  deps: Pick<Deps, 'mirror' | 'now' | 'count' | 'warn'>,
  job: { id: string; known?: JobRecord },
  seen: LeiaJob['seen'] & { via: Source },
): Promise<Sighting | undefined> => {
  const translated = await inOurIds(deps.mirror, seen);
  let outcome: Observed['outcome'] = 'unchanged';
  const decide = (record: JobRecord): JobRecord | undefined => {
    const observed = observe(record, translated, deps.now());
    outcome = observed.outcome;
    return observed.record;
  };
  const change = await deps.mirror.change(job.id, decide, job.known);
  if (!change) return undefined;
  noteOutcome(deps, change.after ?? change.before, seen, outcome);
  return { job: change.after ?? change.before, outcome };
};

const noteOutcome = (
  deps: Pick<Deps, 'count' | 'warn'>,
  job: JobRecord,
  seen: Observation,
  outcome: Observed['outcome'],
): void => {
  const about = {
    job_id: job.id,
    leia_id: job.leia_id,
    seen_leia_id: seen.leiaId,
    status: job.status,
    seen: seen.status,
  };
  if (outcome === 'duplicate') {
    deps.count('DuplicateAtLeia');
    deps.warn('another LEIA job carries the id of this one; it does not count', about);
  }
  if (outcome === 'contradiction') {
    deps.count('ContradictoryEnding');
    deps.warn('LEIA tells a second, different ending of this job; the first stands', about);
  }
};

/** A duplicate must not run on at LEIA: nobody would ever see what it does. */
export const cancelDuplicate = async (leia: Pick<Leia, 'cancel'>, seen: LeiaJob['seen']): Promise<void> => {
  if (!isFinished(seen)) await leia.cancel(seen.leiaId);
};

const LEIA_ID = /\b[0-9a-f]{24}\b/g;

/** LEIA names jobs in a `reason` by its own ids; clients only ever see ours (D3). */
const inOurIds = async (mirror: Deps['mirror'], seen: Observation): Promise<Observation> => {
  const { details } = seen;
  if (!details?.reason) return seen;
  return { ...seen, details: { ...details, reason: await translateIds(mirror, details.reason) } };
};

/** Replaces LEIA's job ids in a text for people by ours. */
export const translateIds = async (mirror: Deps['mirror'], text: string): Promise<string> => {
  const ids = [...new Set(text.match(LEIA_ID) ?? [])].slice(0, 20);
  const jobs = await Promise.all(ids.map(async (id) => ({ id, job: await mirror.jobByLeiaId(id) })));
  return jobs.reduce((translated, { id, job }) => (job ? translated.replaceAll(id, job.id) : translated), text);
};
