// The mirror in memory, for tests: as the table, with its version conflicts, its place for large results, its stream.
import type { Mirror } from '../../functions/adapters/mirror.ts';
import { needsHeaders } from '../../functions/jobs/callback.ts';
import { isFinished, JobRecord, keepsRequest } from '../../functions/jobs/job.ts';
import { type LaneEntry, laneOf } from '../../functions/jobs/lanes.ts';
import { StoredRequest } from '../../functions/jobs/request.ts';

/** One change as the stream shows it: a large result is not in the images. */
export type Images = { before: JobRecord | undefined; after: JobRecord };

export type MemoryMirror = Mirror & {
  /** Tells `listener` of every change from now on, in order, after it was made. Gives what ends that. */
  changes(listener: (images: Images) => void): () => void;
  /** Everything there is, for a look at it. */
  snapshot(): { jobs: JobRecord[]; requests: Record<string, StoredRequest>; dependents: Record<string, string[]> };
};

/** Lets others run, as a request to a table would. */
const away = (): Promise<void> => Promise.resolve();

const inlineBytes = 4096;
const isSettled = (job: JobRecord): boolean => isFinished(job) && job.follow_up_due === undefined;

export const memoryMirror = (): MemoryMirror => {
  const stored = new Map<string, JobRecord>();
  const results = new Map<string, string>();
  const requests = new Map<string, string>();
  const waiting = new Map<string, Set<string>>();
  const children = new Map<string, Set<string>>();
  const listeners = new Set<(images: Images) => void>();

  const present = (id: string): JobRecord | undefined => structuredClone(stored.get(id));
  const all = (): JobRecord[] => [...stored.values()].map((job) => structuredClone(job));

  /** Writes a record and gives it as the writer knows it from then on. */
  const put = (given: JobRecord): JobRecord => {
    const { result, ...rest } = JobRecord.parse(given);
    const large = result !== undefined && (given.result_at !== undefined || Buffer.byteLength(result) > inlineBytes);
    const image = large ? { ...rest, result_at: 'item' } : { ...rest, ...(result === undefined ? {} : { result }) };
    const before = stored.get(given.id);
    stored.set(given.id, structuredClone(image));
    if (large) results.set(given.id, result);
    if (isSettled(image) && !keepsRequest(image) && !needsHeaders(image)) requests.delete(given.id);
    for (const tell of listeners) tell(structuredClone({ before, after: image }));
    return large ? { ...image, result } : image;
  };

  const inLane = (submitter: string, lane: string): LaneEntry[] =>
    [...stored.values()]
      .filter((job) => job.submitter_id === submitter)
      .flatMap((job) => {
        const key = laneOf(job);
        return key?.lane === lane ? [{ ...job, ...key }] : [];
      })
      .map(({ id, status, stage, lane, at, leia_id, held_for }) => ({ id, status, stage, lane, at, leia_id, held_for }))
      .toSorted((a, b) => (a.at + a.id < b.at + b.id ? -1 : 1));

  return {
    async create(job, request) {
      await away();
      const existing = present(job.id);
      if (existing) return existing;
      if (request) requests.set(job.id, JSON.stringify(request));
      if (job.held_for !== undefined) {
        waiting.set(job.held_for, (waiting.get(job.held_for) ?? new Set()).add(job.id));
      }
      put(job);
      return undefined;
    },

    async createChild(child, request) {
      await away();
      const parent = present(child.parent_job_id ?? '');
      const existing = present(child.id);
      if (existing) return existing;
      if (!parent || isFinished(parent)) return 'over';
      if (request) requests.set(child.id, JSON.stringify(request));
      children.set(parent.id, (children.get(parent.id) ?? new Set()).add(child.id));
      put(child);
      return 'created';
    },

    async children(id) {
      await away();
      const found = [...(children.get(id) ?? [])].flatMap((child) => present(child) ?? []);
      return found.toSorted(
        (a, b) => (a.step?.rule ?? 0) - (b.step?.rule ?? 0) || (a.step?.entry ?? 0) - (b.step?.entry ?? 0),
      );
    },

    async job(id) {
      await away();
      return present(id);
    },

    async jobs(ids) {
      await away();
      return ids.flatMap((id) => present(id) ?? []);
    },

    async jobByLeiaId(leiaId) {
      await away();
      const found = [...stored.values()].find((job) => job.leia_id === leiaId);
      return found && present(found.id);
    },

    async result(job, atMost = Number.POSITIVE_INFINITY) {
      await away();
      const result = job.result ?? results.get(job.id) ?? null;
      return result !== null && Buffer.byteLength(result) <= atMost ? result : null;
    },

    async request(job) {
      await away();
      const text = requests.get(job.id);
      return text === undefined ? undefined : StoredRequest.parse(JSON.parse(text));
    },

    async change(id, decide, known) {
      await away();
      for (let before = known ?? present(id); before; before = present(id)) {
        const decided = decide(before);
        if (decided === undefined || decided === before) return { before };
        await away();
        if (stored.get(id)?.version !== before.version) continue;
        return { before, after: put({ ...decided, version: before.version + 1 }) };
      }
      return undefined;
    },

    async dependents(id) {
      await away();
      return [...(waiting.get(id) ?? [])].toSorted();
    },

    async dropDependent(id, dependent) {
      await away();
      waiting.get(id)?.delete(dependent);
    },

    async *lane(submitter, lane, { after = '', until = '~' }) {
      await away();
      yield* inLane(submitter, lane).filter(({ at }) => after < at && at <= until);
    },

    async oldestInLane(submitter, lane) {
      await away();
      return inLane(submitter, lane)[0]?.at;
    },

    listed(submitter, { after = '', before = '~' }, fields) {
      const entries = async function* () {
        await away();
        yield [...stored.values()]
          .filter((job) => job.submitter_id === submitter && job.refusal === undefined)
          .filter(({ creation_time }) => after < creation_time && creation_time < before)
          .map((job) => ({
            id: job.id,
            creation_time: job.creation_time,
            ...structuredClone(Object.fromEntries(fields.map((field) => [field, job[field]]))),
          }));
      };
      return [entries()];
    },

    changes(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },

    snapshot: () => ({
      jobs: all(),
      requests: Object.fromEntries([...requests].map(([id, text]) => [id, StoredRequest.parse(JSON.parse(text))])),
      dependents: Object.fromEntries([...waiting].map(([id, dependents]) => [id, [...dependents]])),
    }),
  };
};
