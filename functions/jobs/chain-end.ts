// How a chain ends (contract §4.5, §4.6): the outcome of one step, the result of all, the reason when one failed. Pure.
import { type GivenUp, isFinished, type JobRecord } from './job.ts';
import type { ConditionalRequest } from './request.ts';
import { quoted, shorten } from './shorten.ts';

/** The child that an entry became; `result` is its JSON text. `givenUp`: the step ended, whatever the child said later. */
export type Step = {
  rule: number;
  entry: number;
  child: Pick<JobRecord, 'id' | 'status' | 'reason' | 'http_code' | 'job_type' | 'result_type'> & {
    result: string | null;
  };
  givenUp?: GivenUp | undefined;
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

const hasFailed = ({ child, givenUp }: Step): boolean =>
  givenUp !== undefined || (isFinished(child) && child.status !== 'PROCESSED');

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
  const isOurs = first.givenUp !== undefined || first.child.http_code === 500;
  return { status: 'FAILED', reason: [...named, ...others].join('; '), http_code: isOurs ? 500 : 400 };
};

const MAX_REASON = 500;

const placeOf = (rules: Rules, { rule, entry }: Pick<Step, 'rule' | 'entry'>): string => {
  const { id = '', jobs = [] } = rules[rule] ?? {};
  return `Rule ${quoted(id)}, entry ${entry + 1} of ${jobs.length}`;
};

const sentenceOf = (rules: Rules, step: Step): string => {
  const { child, givenUp } = step;
  const job = `${placeOf(rules, step)}: job ${child.id}`;
  if (givenUp === 'timed out') return `${job} timed out`;
  if (givenUp === 'broke off') return `${job} was given up: it could not be followed`;
  return `${job} ${child.status}${child.reason === null ? '' : `: ${shorten(child.reason, MAX_REASON)}`}`;
};

/** A chain with a rule that neither ran to its end nor failed: an entry could not even be recorded, again and again. */
export const brokenOff = (chain: Chain): ChainEnd & { status: 'FAILED' } => {
  const { rules, steps } = chain;
  const open = chain.matched.filter((rule) => !isRuleOver(chain, rule));
  const named = open.slice(0, MAX_NAMED).map((rule) => {
    const entry = steps.filter((step) => step.rule === rule).length;
    return `${placeOf(rules, { rule, entry })} could not be run`;
  });
  const failure = chainFailure(chain);
  return { status: 'FAILED', reason: [...(failure ? [failure.reason] : []), ...named].join('; '), http_code: 500 };
};
