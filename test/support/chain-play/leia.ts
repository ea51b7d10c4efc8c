// A LEIA in memory that runs a plan's jobs: it takes them in, selects their inputs, and ends them as planned.
import type { JobRecord, ResultType } from '../../../functions/jobs/job.ts';
import { type Observation, observe } from '../../../functions/jobs/observation.ts';
import type { JobRequest } from '../../../functions/jobs/request.ts';
import { failUnsent } from '../../../functions/jobs/sending.ts';
import { DOCUMENT, id, T0 } from '../jobs.ts';
import type { MemoryMirror } from '../memory-mirror.ts';
import { type Ending, type EntryPlan, MARK, type Plan, TRIGGER } from './plans.ts';

type Made = { id: string; original_id: string };
export type Outcome = { result_type: ResultType; result: string };
/** Something that can happen next. */
export type Move = { what: string; go: () => Promise<void> };

/** What a job makes of its inputs. */
export const madeBy = (asks: EntryPlan['asks'], job: string, inputs: string[]): Made[] => {
  if (asks === 'classification') return [];
  const each = asks === 'image' ? ['a', 'b'] : ['t'];
  return inputs.flatMap((original_id, index) => each.map((one) => ({ id: `${job}.${one}${index}`, original_id })));
};

/** How LEIA tells of it (contract §3.11), with numbers and spaces that must stay as they are. */
export const outcomeOf = (asks: EntryPlan['asks'], job: string, inputs: string[]): Outcome => {
  const documents = madeBy(asks, job, inputs).map((one) => JSON.stringify({ ...one, filename: MARK }));
  const [only = ''] = documents;
  if (asks === 'text' && documents.length === 1) return { result_type: 'document', result: only };
  if (asks !== 'classification') return { result_type: 'list[document]', result: `[${documents}]` };
  const found = `{"category": "${MARK}", "accuracy": 1.0, "score": 1e0}`;
  if (inputs.length === 1) return { result_type: 'classification', result: found };
  return { result_type: 'dict[classification]', result: `{${inputs.map((one) => `"${one}":${found}`)}}` };
};

/** Of the results of the job before, those that are or come from a named document; else the named ones (contract §3.7). */
export const selected = (named: string[], before: Made[]): string[] => {
  const descended = before.filter((one) => named.includes(one.id) || named.includes(one.original_id));
  return descended.length > 0 ? descended.map((one) => one.id) : named;
};

/** The same of the job that the chain waits for. */
export const triggerOutcome = ({ trigger: { made, fields } }: Plan): Outcome & { made: Made[] } => {
  const pages = [id(0xe1), id(0xe2)].map((page) => ({ id: page, original_id: DOCUMENT }));
  const [one] = pages;
  if (made === 'object') return { result_type: 'object', result: JSON.stringify(fields), made: [] };
  if (made === 'pages') return { result_type: 'list[document]', result: JSON.stringify(pages), made: pages };
  return { result_type: 'document', result: JSON.stringify({ ...fields, ...one }), made: pages.slice(0, 1) };
};

type AtLeia = {
  leiaId: string;
  ending: Ending;
  http_code: number;
  outcome: Outcome;
  ended: boolean;
  timedOut?: boolean;
};

/** How a job can end by itself now. */
const endingNow = ({ ending, timedOut }: AtLeia): 'PROCESSED' | 'FAILED' | 'CANCELED' | undefined => {
  if (ending === 'late') return timedOut ? 'PROCESSED' : undefined;
  return ending === 'silent' || ending === 'refused' ? undefined : ending;
};

export type LeiaOfPlan = {
  plan: Plan;
  mirror: MemoryMirror;
  /** What the stream has told of a job at last. */
  latest: (job: string) => JobRecord | undefined;
  /** Ends the step that waits with a token; false if none does. */
  timeOut: (token: string) => boolean;
};

export const leiaOfPlan = ({ plan, mirror, latest, timeOut }: LeiaOfPlan) => {
  const { made: madeByTrigger, ...outcome } = triggerOutcome(plan);
  const made = new Map([[TRIGGER, madeByTrigger]]);
  const jobs = new Map<string, AtLeia>([
    [TRIGGER, { leiaId: id(0xaaa), ending: plan.trigger.ending, http_code: 400, outcome, ended: false }],
  ]);

  const tell = async (job: string, sight: Observation): Promise<void> => {
    await mirror.change(job, (record) => observe(record, sight, T0).record);
  };
  const end = (job: string, at: AtLeia, status: 'PROCESSED' | 'FAILED' | 'CANCELED'): Promise<void> => {
    at.ended = true;
    return tell(job, sightOf(at, status));
  };
  /** The execution waits for it no longer, whether the mirror has heard of that or not. */
  const timeoutOf = ({ task_token }: JobRecord, at: AtLeia, name: string): Move[] => {
    if ((at.ending !== 'silent' && at.ending !== 'late') || at.timedOut || task_token === undefined) return [];
    const go = async (): Promise<void> => {
      if (timeOut(task_token)) at.timedOut = true;
    };
    return [{ what: `the time of ${name} is up`, go }];
  };
  const movesOf = ([job, at]: [string, AtLeia]): Move[] => {
    const record = latest(job);
    if (!record || at.ended) return [];
    const name = record.step ? `${record.step.rule}.${record.step.entry}` : 'the job before';
    const ending = endingNow(at);
    return [
      ...(ending === undefined ? [] : [{ what: `LEIA: ${name} is ${ending}`, go: () => end(job, at, ending) }]),
      ...timeoutOf(record, at, name),
      ...(record.cancel_requested_at === undefined
        ? []
        : [{ what: `LEIA cancels ${name}`, go: () => end(job, at, 'CANCELED') }]),
    ];
  };

  return {
    /** Does what send-job does; the request that LEIA has taken, if it has. */
    take: async (job: string): Promise<JobRequest | undefined> => {
      const record = await mirror.job(job);
      const request = record && (await mirror.request(record));
      if (record?.stage !== 'unsent' || !request || request.kind === 'conditional' || jobs.has(job)) return undefined;
      const { step = { rule: -1, entry: -1 } } = record;
      const entry = plan.rules[step.rule]?.entries[step.entry];
      if (!entry) throw new Error(`no entry asks for job ${job}`);
      const inputs = selected(request.document_ids, made.get(request.execute_after_id ?? '') ?? []);
      const at = { ...entry, leiaId: `leia ${job}`, outcome: outcomeOf(entry.asks, job, inputs), ended: false };
      jobs.set(job, at);
      made.set(job, madeBy(entry.asks, job, inputs));
      if (entry.ending !== 'refused') await tell(job, sightOf(at, 'READY'));
      else await mirror.change(job, (one) => failUnsent(one, `refused ${MARK}`, 400, T0));
      return request;
    },
    moves: (): Move[] => [...jobs].flatMap(movesOf),
  };
};

const sightOf = (at: AtLeia, status: Observation['status']): Observation => ({
  leiaId: at.leiaId,
  status,
  via: 'callback',
  details: {
    model_id: null,
    starting_time: null,
    finished_time: null,
    reason: status === 'FAILED' ? `unreadable ${MARK}` : null,
    http_code: status === 'FAILED' ? at.http_code : null,
    result_type: status === 'PROCESSED' ? at.outcome.result_type : null,
    result: status === 'PROCESSED' ? at.outcome.result : null,
  },
});
