// The mirror in memory, for tests: as the table, with its version conflicts, its place for large results, its stream.
import type { Mirror } from '../../functions/adapters/mirror.ts';
import { needsHeaders } from '../../functions/jobs/callback.ts';
import { isFinished, isListed, JobRecord, keepsRequest } from '../../functions/jobs/job.ts';
import { type LaneEntry, laneOf } from '../../functions/jobs/lanes.ts';
import { StoredRequest } from '../../functions/jobs/request.ts';
import { quickTrip, type Trip } from './trip.ts';

/** One change as the stream shows it: a large result is not in the images. */
export type Images = { before: JobRecord | undefined; after: JobRecord };

export type MemoryMirror = Mirror & {
  /** Tells `listener` of every change from now on, in order, after it was made. Gives what ends that. */
  changes(listener: (images: Images) => void): () => void;
  /** Everything there is, for a look at it. */
  snapshot(): { jobs: JobRecord[]; requests: Record<string, StoredRequest>; dependents: Record<string, string[]> };
};

/** The same mirror for any process, whose requests make such trips. */
export type SharedMirror = MemoryMirror & { by(trip: Trip): Mirror };

export type MemoryMirrorOptions = {
  /** Called with what lets the indexes show a change; at once by default. */
  toIndexes?: (show: () => void) => void;
};

const inlineBytes = 4096;
const isSettled = (job: JobRecord): boolean => isFinished(job) && job.follow_up_due === undefined;

export const memoryMirror = ({ toIndexes = (show) => show() }: MemoryMirrorOptions = {}): SharedMirror => {
  const stored = new Map<string, JobRecord>();
  /** The same as the indexes show it. */
  const indexed = new Map<string, JobRecord>();
  const results = new Map<string, string>();
  const requests = new Map<string, string>();
  const waiting = new Map<string, Set<string>>();
  const children = new Map<string, Set<string>>();
  const listeners = new Set<(images: Images) => void>();

  const present = (id: string): JobRecord | undefined => structuredClone(stored.get(id));
  const presentOf = (ids: Iterable<string>): JobRecord[] => [...ids].flatMap((id) => present(id) ?? []);

  const index = (image: JobRecord): void =>
    toIndexes(() => {
      if (stored.has(image.id) && (indexed.get(image.id)?.version ?? 0) < image.version) indexed.set(image.id, image);
    });

  /** Writes a record and gives it as the writer knows it from then on. */
  const put = (given: JobRecord): JobRecord => {
    const { result, ...rest } = JobRecord.parse(given);
    const large = result !== undefined && (given.result_at !== undefined || Buffer.byteLength(result) > inlineBytes);
    const image = large ? { ...rest, result_at: 'item' } : { ...rest, ...(result === undefined ? {} : { result }) };
    const before = stored.get(given.id);
    stored.set(given.id, structuredClone(image));
    index(structuredClone(image));
    if (large) results.set(given.id, result);
    if (isSettled(image) && !keepsRequest(image) && !needsHeaders(image)) requests.delete(given.id);
    for (const tell of listeners) tell(structuredClone({ before, after: image }));
    return large ? { ...image, result } : image;
  };

  const inLane = (submitter: string, lane: string): LaneEntry[] =>
    [...indexed.values()]
      .filter((job) => job.submitter_id === submitter)
      .flatMap((job) => {
        const key = laneOf(job);
        return key?.lane === lane ? [{ ...job, ...key }] : [];
      })
      .map(({ id, status, stage, lane, at, leia_id, held_for }) => ({ id, status, stage, lane, at, leia_id, held_for }))
      .toSorted((a, b) => (a.at + a.id < b.at + b.id ? -1 : 1));

  const create = (job: JobRecord, request?: StoredRequest): JobRecord | undefined => {
    const existing = present(job.id);
    if (existing) return existing;
    if (request) requests.set(job.id, JSON.stringify(request));
    if (job.held_for !== undefined) {
      waiting.set(job.held_for, (waiting.get(job.held_for) ?? new Set()).add(job.id));
    }
    put(job);
    return undefined;
  };

  const createChild = (child: JobRecord, request?: StoredRequest): JobRecord | 'created' | 'over' => {
    const parent = stored.get(child.parent_job_id ?? '');
    const existing = present(child.id);
    if (existing) return existing;
    if (!parent || isFinished(parent)) return 'over';
    children.set(parent.id, (children.get(parent.id) ?? new Set()).add(child.id));
    create(child, request);
    return 'created';
  };

  /** Undefined when somebody else has changed it meanwhile. */
  const replace = (before: JobRecord, decided: JobRecord): JobRecord | undefined =>
    stored.get(before.id)?.version === before.version ? put({ ...decided, version: before.version + 1 }) : undefined;

  const by = (trip: Trip): Mirror => ({
    create: (job, request) => trip(`create ${job.id}`, () => create(job, request)),
    createChild: (child, request) => trip(`create child ${child.id}`, () => createChild(child, request)),
    children: (id) =>
      trip(`children of ${id}`, () =>
        presentOf(children.get(id) ?? []).toSorted(
          (a, b) => (a.step?.rule ?? 0) - (b.step?.rule ?? 0) || (a.step?.entry ?? 0) - (b.step?.entry ?? 0),
        ),
      ),
    job: (id) => trip(`read ${id}`, () => present(id)),
    jobs: (ids) => trip(`read [${ids}]`, () => presentOf(ids)),
    jobByLeiaId: (leiaId) =>
      trip(`read by LEIA's id ${leiaId}`, () => {
        const found = [...indexed.values()].find((job) => job.leia_id === leiaId);
        return found && present(found.id);
      }),
    result: (job, atMost = Number.POSITIVE_INFINITY) =>
      trip(`read the result of ${job.id}`, () => {
        const result = job.result ?? results.get(job.id) ?? null;
        return result !== null && Buffer.byteLength(result) <= atMost ? result : null;
      }),
    request: (job) =>
      trip(`read the request of ${job.id}`, () => {
        const text = requests.get(job.id);
        return text === undefined ? undefined : StoredRequest.parse(JSON.parse(text));
      }),

    async change(id, decide, known) {
      const read = () => trip(`read ${id}`, () => present(id));
      for (let before = known ?? (await read()); before; before = await read()) {
        const stale = before;
        const decided = decide(stale);
        if (decided === undefined || decided === stale) return { before: stale };
        const after = await trip(`write ${id} ${decided.status} ${decided.stage}`, () => replace(stale, decided));
        if (after) return { before: stale, after };
      }
      return undefined;
    },

    withdraw: (id) =>
      trip(`withdraw ${id}`, () => {
        if (stored.get(id)?.unproven === undefined) return;
        for (const part of [stored, indexed, requests]) part.delete(id);
      }),

    dependents: (id) => trip(`dependents of ${id}`, () => [...(waiting.get(id) ?? [])].toSorted()),
    dropDependent: (id, dependent) =>
      trip(`drop dependent ${dependent} of ${id}`, () => void waiting.get(id)?.delete(dependent)),

    async *lane(submitter, lane, { after = '', until = '~' }) {
      yield* await trip(`lane ${lane}`, () => inLane(submitter, lane).filter(({ at }) => after < at && at <= until));
    },
    oldestInLane: (submitter, lane, after = '') =>
      trip(`oldest in lane ${lane}`, () => inLane(submitter, lane).find(({ at }) => after < at)?.at),

    listed(submitter, { after = '', before = '~' }, fields) {
      const entries = async function* () {
        yield await trip('list', () =>
          [...indexed.values()]
            .filter((job) => job.submitter_id === submitter && isListed(job))
            .filter(({ creation_time }) => after < creation_time && creation_time < before)
            .map((job) => ({
              id: job.id,
              creation_time: job.creation_time,
              ...structuredClone(Object.fromEntries(fields.map((field) => [field, job[field]]))),
            })),
        );
      };
      return [entries()];
    },
  });

  return {
    ...by(quickTrip),
    by,
    changes(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    snapshot: () => ({
      jobs: presentOf(stored.keys()),
      requests: Object.fromEntries([...requests].map(([id, text]) => [id, StoredRequest.parse(JSON.parse(text))])),
      dependents: Object.fromEntries([...waiting].map(([id, dependents]) => [id, [...dependents]])),
    }),
  };
};
