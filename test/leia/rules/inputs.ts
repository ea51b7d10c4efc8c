import * as z from 'zod';
import type { Job, LeiaDocument } from './model.ts';
import { selectPages } from './page-range.ts';
import type { World } from './world.ts';
import { visibleJob } from './world.ts';

/** Inputs that cannot be had when a job starts: the job FAILS with this reason and http_code 400. */
export class NoInputs extends Error {}

const produced = z.union([
  z.array(z.object({ id: z.string() })),
  z.object({ id: z.string() }).transform((one) => [one]),
]);

/** The documents that a job made, in result order; none if its result is something else or they are gone. */
const resultDocuments = (world: World, job: Job | undefined): LeiaDocument[] => {
  if (job?.result == null || (job.result_type !== 'document' && job.result_type !== 'list[document]')) return [];
  const listed = produced.safeParse(JSON.parse(job.result));
  return listed.success ? listed.data.flatMap(({ id }) => world.documents.get(id) ?? []) : [];
};

const byPage = (a: LeiaDocument, b: LeiaDocument): number =>
  (a.page ?? -1) - (b.page ?? -1) || a.creation_time - b.creation_time;

const tagged = (world: World, original: string | undefined, tag: string): LeiaDocument[] =>
  [...world.documents.values()]
    .filter((document) => document.original_id === original && document.tags.includes(tag))
    .sort(byPage);

const given = (world: World, ids: string[]): LeiaDocument[] =>
  ids.map((id) => {
    const document = world.documents.get(id);
    if (!document) throw new NoInputs(`Document ${id} not found`);
    return document;
  });

const candidates = (world: World, job: Job): LeiaDocument[] => {
  if (job.tag !== null) return tagged(world, job.document_ids[0], job.tag);
  const before = job.execute_after_id === null ? undefined : visibleJob(world, job.execute_after_id);
  const named = new Set(job.document_ids);
  const descended = resultDocuments(world, before).filter(
    ({ id, original_id }) => named.has(id) || (original_id !== null && named.has(original_id)),
  );
  return descended.length > 0 ? descended : given(world, job.document_ids);
};

/** The documents that a job really processes, decided when it starts (contract §3.5–3.7). */
export const selectInputs = (world: World, job: Job): LeiaDocument[] => {
  const found = candidates(world, job);
  const kept =
    job.page_range === null ? found : selectPages(job.page_range, found.length).flatMap((index) => found[index] ?? []);
  if (kept.length === 0) throw new NoInputs('No document is left to process: tag or page_range selects none');
  return kept;
};
