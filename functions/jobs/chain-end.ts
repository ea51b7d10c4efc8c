// How a chain ends (contract §4.5, §4.6): the outcome of one step, the result of all, the reason when one failed. Pure.
import * as z from 'zod';
import { isFinished, type JobRecord } from './job.ts';
import type { ConditionalRequest } from './request.ts';
import { quoted, shorten } from './shorten.ts';

/** What the state machine is told of a step: ids and a status, no document, result or reason (D6). */
export const StepOutcome = z.object({ job_id: z.string(), status: z.enum(['PROCESSED', 'FAILED', 'CANCELED']) });
export type StepOutcome = z.infer<typeof StepOutcome>;

/** Undefined while the child is unfinished. A failed step is a value, so that the other rules go on. */
export const stepOutcome = ({ id, status }: Pick<JobRecord, 'id' | 'status'>): StepOutcome | undefined =>
  StepOutcome.safeParse({ job_id: id, status }).data;

/** The child that an entry became; `result` is its JSON text. `timedOut`: the step ended, whatever the child said later. */
export type Step = {
  rule: number;
  entry: number;
  child: Pick<JobRecord, 'id' | 'status' | 'reason' | 'http_code' | 'job_type' | 'result_type'> & {
    result: string | null;
  };
  timedOut?: boolean;
};

type Rules = ConditionalRequest['rules'];
export type Chain = {
  rules: Rules;
  /** Indexes of the rules that ran. */
  matched: number[];
  steps: Step[];
};

export type ChainEnd =
  | { status: 'PROCESSED'; result: string }
  | { status: 'FAILED'; reason: string; http_code: 400 | 500 };

/** The end of a chain whose rules have all ended; undefined while one of them has not. */
export const chainEnd = (chain: Chain): ChainEnd | undefined => {
  const open = chain.matched.some((rule) => !isRuleOver(chain, rule));
  if (open) return undefined;
  return chainFailure(chain) ?? { status: 'PROCESSED', result: chainResult(chain) };
};

const isRuleOver = ({ rules, steps }: Chain, rule: number): boolean => {
  const ofRule = steps.filter((step) => step.rule === rule);
  if (ofRule.some(hasFailed)) return true;
  const done = ofRule.filter(({ child }) => child.status === 'PROCESSED');
  return done.length === (rules[rule]?.jobs.length ?? 0);
};

const hasFailed = ({ child, timedOut = false }: Step): boolean =>
  timedOut || (isFinished(child) && child.status !== 'PROCESSED');

/** JSON text of the result: by rule id, for the rules that ran, their children's results in order, as LEIA wrote them. */
export const chainResult = ({ rules, matched, steps }: Chain): string => {
  const members = matched.map((rule) => {
    const elements = inOrder(steps)
      .filter((step) => step.rule === rule)
      .map(elementOf);
    return `${JSON.stringify(rules[rule]?.id ?? '')}:[${elements.join(',')}]`;
  });
  return `{${members.join(',')}}`;
};

/** Java throws without a `result_type`, Node on a document that is null (contract §0.9): such a result is an `object`. */
const elementOf = ({ child }: Step): string => {
  const type = child.result === null ? 'object' : (child.result_type ?? 'object');
  const rest = JSON.stringify({ job_id: child.id, job_type: child.job_type }).slice(1);
  return `{"result_type":${JSON.stringify(type)},"result":${child.result ?? 'null'},${rest}`;
};

const inOrder = (steps: Step[]): Step[] => steps.toSorted((a, b) => a.rule - b.rule || a.entry - b.entry);

const MAX_NAMED = 3;

/** Why a chain FAILED: rule, child and the child's own reason, for the first few; undefined when no step failed. */
export const chainFailure = ({
  rules,
  steps,
}: Omit<Chain, 'matched'>): (ChainEnd & { status: 'FAILED' }) | undefined => {
  const failed = inOrder(steps.filter(hasFailed));
  const [first] = failed;
  if (!first) return undefined;
  const named = failed.slice(0, MAX_NAMED).map((step) => sentenceOf(rules, step));
  const others = failed.length > MAX_NAMED ? [`${failed.length - MAX_NAMED} more`] : [];
  const isOurs = first.timedOut === true || first.child.http_code === 500;
  return { status: 'FAILED', reason: [...named, ...others].join('; '), http_code: isOurs ? 500 : 400 };
};

const MAX_REASON = 500;

const sentenceOf = (rules: Rules, { rule, entry, child, timedOut }: Step): string => {
  const { id = '', jobs = [] } = rules[rule] ?? {};
  const place = `Rule ${quoted(id)}, entry ${entry + 1} of ${jobs.length}: job ${child.id}`;
  if (timedOut) return `${place} timed out`;
  return `${place} ${child.status}${child.reason === null ? '' : `: ${shorten(child.reason, MAX_REASON)}`}`;
};
