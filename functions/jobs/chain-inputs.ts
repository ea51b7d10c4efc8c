// The request that an entry of a rule becomes when its turn has come (contract §4.4). Pure.
import type { JobRecord } from './job.ts';
import { type Entry, inputTagOf, type JobRequest } from './request.ts';
import { documentsOf, type Outcome, type ResultDocument, selectInputs } from './select-inputs.ts';

/** A PROCESSED job that an entry follows. */
export type ChainJob = Pick<JobRecord, 'id' | 'document_ids'> & Outcome;

/** The entry's forerunner in its rule: a child, with what it was asked to do, and the job that it followed itself. `tag`: see `carriedTag`. */
export type PreviousStep = ChainJob & Pick<JobRecord, 'page_range'> & { tag: string | null; after: Outcome };

/** `previous` is absent for the first entry of a rule. */
export type StepFacts = { trigger: ChainJob; previous?: PreviousStep };

/** `fail`: there is nothing that the entry could be run on; the child FAILS with this reason and http_code 400. */
export type EntryRequest = { request: JobRequest } | { fail: string };

/**
 * The child's request. `execute_after_id` is our id of the job before: the child is sent with that job's LEIA id, so that
 * LEIA selects as for any job, or, behind a conditional trigger, as `withoutPredecessor` has it.
 */
export const entryRequest = (entry: Entry, facts: StepFacts): EntryRequest => {
  const inputs = inputsOf(entry, facts);
  if ('fail' in inputs) return inputs;
  const { tag, ...selection } = inputs;
  const common = { execute_after_id: (facts.previous ?? facts.trigger).id, block_processing: false, ...selection };
  if (entry.kind === 'apply') return { request: { ...entry, ...common, ...(tag === undefined ? {} : { tag }) } };
  return { request: { ...entry, ...common, ...(tag === undefined ? {} : { input_tag: tag }) } };
};

type Inputs = { document_ids: string[]; page_range?: string; tag?: string };

const inputsOf = (entry: Entry, facts: StepFacts): Inputs | { fail: string } => {
  if (entry.document_ids.length > 0) return { document_ids: entry.document_ids };
  if (inputTagOf(entry) !== undefined) return ofTrigger(facts.trigger);
  const { trigger, previous } = facts;
  const made = documentsOf(previous ?? trigger);
  if (made.length > 0) return { document_ids: namesOf(made) };
  const inputs = previous ? ofPrevious(entry, previous) : { document_ids: trigger.document_ids };
  return inputs.document_ids.length > 0
    ? inputs
    : { fail: 'No document to process: neither the entry nor the job before names one' };
};

/** LEIA looks for the tag among what came from one document. */
const ofTrigger = (trigger: ChainJob): Inputs | { fail: string } =>
  trigger.document_ids.length === 1
    ? { document_ids: trigger.document_ids }
    : {
        fail: `An entry with a tag and without document_ids needs a prerequisite with one document: job ${trigger.id} has ${trigger.document_ids.length}`,
      };

/** The job before made no documents: what it worked on is worked on again, narrowed by the entry's own page range. */
const ofPrevious = (entry: Entry, previous: PreviousStep): Inputs => {
  const { document_ids, page_range, tag, after } = previous;
  if (tag === null)
    return { document_ids: selectInputs({ documentIds: document_ids, predecessor: after, pageRange: page_range }) };
  const range = entry.page_range ?? page_range;
  return { document_ids, tag, ...(range === null ? {} : { page_range: range }) };
};

/**
 * The tag that the inputs of a rule's entry carried: its own, or that of the entry whose inputs it worked on again.
 * `resultTypes`: of the children of the entries before it.
 */
export const carriedTag = (entries: Entry[], at: number, resultTypes: Outcome['result_type'][]): string | null => {
  const entry = entries[at];
  const own = entry && inputTagOf(entry);
  if (!entry || own !== undefined) return own ?? null;
  const before = resultTypes[at - 1];
  const startsAnew = entry.document_ids.length > 0 || before === 'document' || before === 'list[document]';
  return startsAnew ? null : carriedTag(entries, at - 1, resultTypes);
};

/** LEIA takes ids in its path, and servers take paths of a few thousand characters. */
const MANY = 100;

/** Ids by which LEIA selects just these, all results of the job before: their own, or those of what they came from. */
const namesOf = (documents: ResultDocument[]): string[] => {
  const own = documents.map(({ id }) => id);
  const originals = [...new Set(documents.map(({ id, original_id }) => original_id ?? id))];
  return own.length > MANY && originals.length < own.length ? originals : own;
};
