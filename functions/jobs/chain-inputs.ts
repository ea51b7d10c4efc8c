// The request that an entry of a rule becomes when its turn has come (contract §4.4). Pure.
import type { JobRecord } from './job.ts';
import { type Entry, inputTagOf, type JobRequest } from './request.ts';
import { documentsOf, type Outcome, type ResultDocument, selectInputs } from './select-inputs.ts';

/** A PROCESSED job that stands before an entry. */
export type JobBefore = Pick<JobRecord, 'document_ids' | 'page_range'> & Outcome;

export type StepFacts = {
  /** Of the rule; the one at `at` is to be run. */
  entries: Entry[];
  at: number;
  trigger: Pick<JobRecord, 'id' | 'document_ids'>;
  /** Our id of the job that the entry follows: the one of the entry before it, or the trigger. */
  after: string;
  /** The jobs before the entry by their place in the rule, the trigger at -1: as many of them as its inputs follow from. */
  known: ReadonlyMap<number, JobBefore>;
};

/** The place of a job that must be added to `known` to go on. */
type ToRead = { read: number };
/** There is nothing that the entry could be run on; the child FAILS with this reason and http_code 400. */
type Failing = { fail: string };
export type EntryRequest = { request: JobRequest } | Failing | ToRead;

/**
 * The child's request. `execute_after_id` is our id of the job before: the child is sent with that job's LEIA id, so that
 * LEIA selects as for any job, or, behind a conditional trigger, as `withoutPredecessor` has it.
 */
export const entryRequest = (facts: StepFacts): EntryRequest => {
  const entry = facts.entries[facts.at];
  if (!entry) return { fail: 'The rule has no such entry' };
  const inputs = inputsOf(entry, facts);
  if ('fail' in inputs || 'read' in inputs) return inputs;
  const { tag, ...selection } = inputs;
  const common = { execute_after_id: facts.after, block_processing: false, ...selection };
  if (entry.kind === 'apply') return { request: { ...entry, ...common, ...(tag === undefined ? {} : { tag }) } };
  return { request: { ...entry, ...common, ...(tag === undefined ? {} : { input_tag: tag }) } };
};

type Inputs = { document_ids: string[]; page_range?: string; tag?: string };

const inputsOf = (entry: Entry, facts: StepFacts): Inputs | Failing | ToRead => {
  if (entry.document_ids.length > 0) return { document_ids: entry.document_ids };
  if (inputTagOf(entry) !== undefined) return ofTrigger(facts.trigger);
  const { at, trigger, known } = facts;
  const before = known.get(at - 1);
  if (!before) return { read: at - 1 };
  const made = documentsOf(before);
  if (made.length > 0) return { document_ids: namesOf(made) };
  const inputs = at > 0 ? inputsBefore(entry, before, facts) : { document_ids: trigger.document_ids };
  return 'read' in inputs || inputs.document_ids.length > 0
    ? inputs
    : { fail: 'No document to process: neither the entry nor the job before names one' };
};

/** LEIA looks for the tag among what came from one document. */
const ofTrigger = ({ id, document_ids }: StepFacts['trigger']): Inputs | Failing =>
  document_ids.length === 1
    ? { document_ids }
    : {
        fail: `An entry with a tag and without document_ids needs a prerequisite with one document: job ${id} has ${document_ids.length}`,
      };

/** The job before made no documents: what it worked on is worked on again, narrowed by the entry's own page range. */
const inputsBefore = (entry: Entry, before: JobBefore, { entries, at, known }: StepFacts): Inputs | ToRead => {
  const { document_ids, page_range } = before;
  const tag = carriedTag(entries, at - 1, known);
  if (tag !== null && typeof tag !== 'string') return tag;
  if (tag !== null) {
    const range = entry.page_range ?? page_range;
    return { document_ids, tag, ...(range === null ? {} : { page_range: range }) };
  }
  const predecessor = known.get(at - 2);
  if (!predecessor) return { read: at - 2 };
  return { document_ids: selectInputs({ documentIds: document_ids, predecessor, pageRange: page_range }) };
};

/** The tag that the inputs of a rule's entry carried: its own, or that of the entry whose inputs it worked on again. */
export const carriedTag = (entries: Entry[], at: number, known: StepFacts['known']): string | null | ToRead => {
  const origin = entries
    .slice(0, at + 1)
    .findLastIndex((entry) => inputTagOf(entry) !== undefined || entry.document_ids.length > 0);
  const first = entries[origin];
  const tag = first && inputTagOf(first);
  if (tag === undefined) return null;
  for (let between = at - 1; between >= origin; between -= 1) {
    const job = known.get(between);
    if (!job) return { read: between };
    if (job.result_type === 'document' || job.result_type === 'list[document]') return null;
  }
  return tag;
};

/** LEIA takes ids in its path, and servers take paths of a few thousand characters. */
const MANY = 100;

/** Ids by which LEIA selects just these, all results of the job before: their own, or those of what they came from. */
const namesOf = (documents: ResultDocument[]): string[] => {
  const own = documents.map(({ id }) => id);
  const originals = [...new Set(documents.map(({ id, original_id }) => original_id ?? id))];
  return own.length > MANY && originals.length < own.length ? originals : own;
};
