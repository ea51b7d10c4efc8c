// A conditional job whose prerequisite is PROCESSED, with what its steps and its end act on.
import type { Metric } from '../../functions/acts/deps.ts';
import type { StepDeps } from '../../functions/acts/record-step.ts';
import { childId } from '../../functions/jobs/chain.ts';
import type { JobRecord, Status } from '../../functions/jobs/job.ts';
import { observe } from '../../functions/jobs/observation.ts';
import type { ConditionalRequest, Entry, Rule } from '../../functions/jobs/request.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { aBoundJob, aJob, aSighting, DOCUMENT, id, MODEL, T0 } from './jobs.ts';
import { type MemoryMirror, memoryMirror } from './memory-mirror.ts';

export const TRIGGER = id(1);
export const CHAIN = id(2);
export const PAGES = [id(0xe0), id(0xe1)];

export const aTransform = (output_type: 'text' | 'image' | 'merge', given: Partial<Entry> = {}): Entry =>
  ({ kind: 'transform', output_type, document_ids: [], ...given }) as Entry;
export const anApply = (given: Partial<Entry> = {}): Entry =>
  ({ kind: 'apply', model_id: MODEL, format_type: 'classification', document_ids: [], ...given }) as Entry;
export const aRule = (name: string, jobs: Entry[], conditions: Rule['conditions'] = []): Rule => ({
  id: name,
  conditions,
  jobs,
});

export const stepId = (rule: number, entry: number): string => childId(CHAIN, { rule, entry }, sha256);

export type ChainScene = {
  mirror: MemoryMirror;
  deps: StepDeps;
  /** Ids on the queue, in order. */
  queue: string[];
  /** What tokens were answered with, in order. */
  answers: [token: string, ok: boolean][];
  counted: Metric[];
  chain(): Promise<JobRecord | undefined>;
  step(rule: number, entry: number): Promise<JobRecord | undefined>;
  /** LEIA takes a step's job and tells a status of it. */
  leiaSays(rule: number, entry: number, status: Status, result?: string): Promise<void>;
};

/** The prerequisite is a classification of one document, unless `trigger` says otherwise. */
export const chainScene = async (
  rules: Rule[],
  given: { chain?: Partial<JobRecord>; trigger?: Partial<JobRecord> } = {},
): Promise<ChainScene> => {
  const mirror = memoryMirror();
  const queue: string[] = [];
  const answers: ChainScene['answers'] = [];
  const counted: Metric[] = [];
  const request: ConditionalRequest = {
    kind: 'conditional',
    execute_after_id: TRIGGER,
    rules,
    block_processing: false,
  };
  const outcome = { result_type: 'classification', result: '{"category":"invoice","accuracy":0.9}' } as const;
  const trigger = aBoundJob({ id: TRIGGER, status: 'PROCESSED', ...outcome, ...given.trigger });
  await mirror.create(trigger);
  const state = { stage: 'chained', status: 'PROCESSING', job_type: 'conditional' } as const;
  const follows = { execute_after_id: TRIGGER, document_ids: trigger.document_ids };
  await mirror.create(aJob({ id: CHAIN, ...state, ...follows, ...given.chain }), request);
  return {
    mirror,
    queue,
    answers,
    counted,
    deps: {
      mirror,
      submissions: { put: async (ids) => void queue.push(...ids) },
      chains: { answer: async (token, ok) => void answers.push([token, ok]) },
      now: () => T0,
      count: (metric) => void counted.push(metric),
      warn: () => {},
    },
    chain: () => mirror.job(CHAIN),
    step: (rule, entry) => mirror.job(stepId(rule, entry)),
    leiaSays: async (rule, entry, status, result) => {
      const job = stepId(rule, entry);
      const sight = aSighting(status, { leiaId: `leia ${job}`, ...(result === undefined ? {} : { result }) });
      await mirror.change(job, (record) => observe(record, sight, T0).record);
    },
  };
};

/** The result of a job that made pages of a document. */
export const pages = {
  result_type: 'list[document]',
  result: JSON.stringify(PAGES.map((page) => ({ id: page, original_id: DOCUMENT }))),
} as const;
