// Which documents a job really processes (contract §3.5–3.7), where LEIA cannot tell by itself: behind a conditional
// job (D5), and between the entries of a chain (contract §4.4).
import * as z from 'zod';
import type { JobRecord } from './job.ts';
import { parsePageRange, selectPages } from './page-range.ts';
import { rawElements, rawMember, rawMembers } from './raw-json.ts';
import { inputTagOf, type JobRequest } from './request.ts';

/** What a job made: its result as JSON text; null where there is none. */
export type Outcome = Pick<JobRecord, 'result_type'> & { result: string | null };

const ResultDocument = z.object({ id: z.string(), original_id: z.string().nullish() });
export type ResultDocument = z.infer<typeof ResultDocument>;

/** The documents that a job made, in result order; of a conditional job those of its entries, in their order. */
export const documentsOf = ({ result_type, result }: Outcome): ResultDocument[] => {
  if (result === null) return [];
  if (result_type === 'document') return documentIn(result);
  if (result_type === 'list[document]') return rawElements(result).flatMap(documentIn);
  if (result_type !== 'conditional') return [];
  return rawMembers(result).flatMap(({ value }) => rawElements(value).flatMap((one) => documentsOf(outcomeIn(one))));
};

const documentIn = (text: string): ResultDocument[] => {
  const document = ResultDocument.safeParse(JSON.parse(text));
  return document.success ? [document.data] : [];
};

const Nested = z.enum(['document', 'list[document]', 'conditional']).nullable().catch(null);

const outcomeIn = (element: string): Outcome => {
  const type = rawMember(element, 'result_type');
  return {
    result_type: Nested.parse(type === undefined ? null : JSON.parse(type)),
    result: rawMember(element, 'result') ?? null,
  };
};

export type Selection = { documentIds: string[]; predecessor?: Outcome; pageRange?: string | null };

/**
 * Ids of the inputs of a job without a tag: those results of the job before that are, or come from, one of the given
 * documents; where there are none, the given documents; of either what the page range leaves, which may be nothing.
 */
export const selectInputs = ({ documentIds, predecessor, pageRange }: Selection): string[] => {
  const named = new Set(documentIds);
  const descended = (predecessor ? documentsOf(predecessor) : [])
    .filter(({ id, original_id }) => named.has(id) || (original_id != null && named.has(original_id)))
    .map(({ id }) => id);
  const candidates = descended.length > 0 ? descended : documentIds;
  if (pageRange == null) return candidates;
  return selectPages(parsePageRange(pageRange), candidates.length).flatMap((index) => candidates[index] ?? []);
};

/**
 * A request as LEIA is sent it behind a job that LEIA does not have: plain ids, or the tag, which LEIA follows when the
 * job starts. Undefined when the page range leaves nothing: the job FAILS with http_code 400.
 */
export const withoutPredecessor = (request: JobRequest, predecessor: Outcome): JobRequest | undefined => {
  const { execute_after_id: _after, ...own } = request;
  if (own.kind === 'train' || inputTagOf(own) !== undefined) return own;
  const { page_range, ...rest } = own;
  const documentIds = selectInputs({ documentIds: request.document_ids, predecessor, pageRange: page_range ?? null });
  return documentIds.length > 0 ? { ...rest, document_ids: documentIds } : undefined;
};

/** Why a job whose inputs come to nothing FAILS. */
export const nothingSelected = 'No document is left to process: page_range selects none';
