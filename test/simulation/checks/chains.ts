// What contract §4 makes of a conditional job, read plainly: which rules match the result of the job before, which jobs
// their entries become, and how it ends. Written against LEIA's own word on each job, not against the mirror's code.
import { isFinished, type JobRecord } from '../../../functions/jobs/job.ts';
import { stepTimeoutSeconds } from '../cloud/settings.ts';
import type { Asked, Entry, Rule } from '../programs/ledger.ts';
import type { Facts } from './facts.ts';

type Made = { id: string; original_id: string | null };
/** A job that another one follows. */
type Before = { job: JobRecord; made: Made[]; inputs: string[] };

export const checkChains = (facts: Facts): string[] =>
  facts.ledger.asked.flatMap((asked) =>
    [...asked.ids].flatMap((id) => {
      const job = facts.byId.get(id);
      if (!job) return [];
      return asked.rules === undefined
        ? checkInputs(facts, asked, job)
        : checkChain(facts, { job, rules: asked.rules });
    }),
  );

// Contract §3.7: the documents that a job is really run on.

const selected = (named: string[], made: Made[]): string[] => {
  const descended = made.filter(({ id, original_id }) => named.includes(id) || named.includes(original_id ?? ''));
  return descended.length > 0 ? descended.map(({ id }) => id) : named;
};

/** The few page ranges of a run. */
const paged = (ids: string[], range: string | undefined): string[] => {
  if (range === undefined) return ids;
  if (range === '-1:') return ids.slice(-1);
  return range.split(',').flatMap((page) => ids[Number(page)] ?? []);
};

const madeIn = (type: string | null, result: string | null): Made[] => {
  if (result === null) return [];
  const value = JSON.parse(result);
  if (type === 'document') return [value];
  if (type === 'list[document]') return value;
  if (type !== 'conditional') return [];
  const elements: { result_type: string; result: unknown }[] = Object.values<never[]>(value).flat();
  return elements.flatMap((one) => madeIn(one.result_type, JSON.stringify(one.result)));
};

const madeBy = (facts: Facts, job: JobRecord): Made[] => madeIn(job.result_type, facts.results.get(job.id) ?? null);

const inputsOf = ({ leia }: Facts, job: JobRecord): string[] | undefined => leia.inputs.get(job.leia_id ?? '');

const differs = (one: unknown, other: unknown): boolean => JSON.stringify(one) !== JSON.stringify(other);

/** Of a job that was run behind another one that is PROCESSED. */
const checkInputs = (facts: Facts, asked: Asked, job: JobRecord): string[] => {
  const before = facts.byId.get(asked.after ?? '');
  const inputs = inputsOf(facts, job);
  if (asked.kind === 'train' || before?.status !== 'PROCESSED' || inputs === undefined) return [];
  const expected = paged(selected(asked.documents, madeBy(facts, before)), asked.pageRange);
  return differs(inputs, expected) ? [`job ${job.id} was run on [${inputs}] instead of [${expected}]`] : [];
};

// Contract §4.2: the conditions of a run's rules.

const holds = (conditions: Rule['conditions'], result: unknown): boolean =>
  Object.entries(conditions ?? {}).every(([field, test]) => {
    if (typeof result !== 'object' || result === null || Array.isArray(result)) return false;
    const found: unknown = Reflect.get(result, field);
    const tests: unknown[] = Array.isArray(test) ? test : [test];
    return tests.every((one) => passes(one, found));
  });

const passes = (test: unknown, found: unknown): boolean => {
  if (typeof test !== 'object' || test === null) return found === test;
  return Object.entries(test).every(([operator, operand]) => {
    if (operator === '$ne') return found !== operand;
    if (operator === '$in') return (operand as unknown[]).includes(found);
    if (typeof found !== typeof operand || typeof found !== 'number') return false;
    return { $gt: found > operand, $gte: found >= operand, $lt: found < operand }[operator] === true;
  });
};

// Contract §4.4–4.6: the entries, one after the other, and the end.

type Chain = { job: JobRecord; rules: Record<string, Rule> };

/** Whether an accident may have ended a chain: its execution died, a task failed again and again, or a step took too long. */
const mayBreakOff = ({ faults, ground }: Facts, { reason }: JobRecord, children: JobRecord[]): boolean => {
  const failures = ground.counted.TaskFailed ?? 0;
  if (reason?.startsWith('The execution of this conditional job ended'))
    return (faults.counts()['execution-died'] ?? 0) > 0 || failures >= 5;
  if (reason?.startsWith('An entry could not be run') || reason?.includes('it could not be followed'))
    return failures >= 5;
  const slowest = Math.max(
    0,
    ...children.map((child) => Date.parse(child.finished_time ?? '') - Date.parse(child.creation_time)),
  );
  return / timed out\b/.test(reason ?? '') && slowest > (stepTimeoutSeconds - 60) * 1000;
};

/** What is unfinished when a chain is cancelled is cancelled, and nothing begins after its end. */
const checkCutOff = (facts: Facts, job: JobRecord, children: JobRecord[]): string[] => {
  const endOf = (id: string): number =>
    facts.history.find(({ after }) => after.id === id && isFinished(after))?.at ?? 0;
  const birthOf = (id: string): number => facts.history.find(({ after }) => after.id === id)?.at ?? 0;
  const patience = facts.faults.calm ? 15_000 : 15 * 60_000;
  return children.flatMap((child) => {
    const told = facts.truthOf(child)?.finished_time;
    const ranOn = child.status !== 'CANCELED' && told != null && told - facts.leia.skew > endOf(job.id) + patience;
    return [
      ...(birthOf(child.id) > endOf(job.id) ? [`child ${child.id} was born after the end of chain ${job.id}`] : []),
      ...(ranOn ? [`child ${child.id} ran on after the end of chain ${job.id}`] : []),
    ];
  });
};

const checkChain = (facts: Facts, { job, rules }: Chain): string[] => {
  const children = facts.jobs.filter(({ parent_job_id }) => parent_job_id === job.id);
  const open = children.filter((child) => !isFinished(child)).map(({ id }) => `child ${id} of ${job.id} runs on`);
  if (open.length > 0) return open;
  const before = facts.byId.get(job.execute_after_id ?? '');
  const cut = checkCutOff(facts, job, children);
  if (cut.length > 0 || job.status === 'CANCELED' || mayBreakOff(facts, job, children)) return cut;
  if (before?.status !== 'PROCESSED') {
    const fits =
      job.status === 'FAILED' && job.reason === `Job ${before?.id} ${before?.status}` && children.length === 0;
    return fits ? [] : [`chain ${job.id} is ${job.status} (${job.reason}) behind a job that is ${before?.status}`];
  }
  const trigger = { job: before, made: madeBy(facts, before), inputs: before.document_ids };
  const result: unknown = JSON.parse(facts.results.get(before.id) ?? 'null');
  const names = Object.keys(rules);
  const matching = names.filter((name) => holds(rules[name]?.conditions, result));
  const ran = matching.map((name) => {
    const own = children.filter(({ step }) => step?.rule === names.indexOf(name));
    return { name, own, wrong: checkEntries(facts, { entries: rules[name]?.jobs ?? [], own, trigger }) };
  });
  const strangers = children.filter(({ step }) => !matching.includes(names[step?.rule ?? -1] ?? ''));
  return [
    ...strangers.map(({ id }) => `child ${id} of ${job.id} runs a rule that does not match`),
    ...ran.flatMap(({ wrong }) => wrong),
    ...checkEnd(facts, job, ran),
  ];
};

type Rules = { name: string; own: JobRecord[] }[];

const checkEntries = (
  facts: Facts,
  { entries, own, trigger }: { entries: Entry[]; own: JobRecord[]; trigger: Before },
): string[] => {
  let before = trigger;
  for (const [index, entry] of entries.entries()) {
    const child = own[index];
    if (!child) return [`entry ${index} after job ${before.job.id} was not run`];
    if (child.step?.entry !== index || child.execute_after_id !== before.job.id)
      return [`child ${child.id} does not come after ${before.job.id}`];
    const named = entry.document_ids ?? (before.made.length > 0 ? before.made.map(({ id }) => id) : before.inputs);
    const expected = selected(named, before.made);
    const inputs = inputsOf(facts, child);
    if (inputs !== undefined && differs(inputs, expected))
      return [`child ${child.id} was run on [${inputs}] instead of [${expected}]`];
    if (child.status !== 'PROCESSED') return own.length > index + 1 ? [`a rule went on after child ${child.id}`] : [];
    before = { job: child, made: madeBy(facts, child), inputs: expected };
  }
  return own.length > entries.length ? [`a rule has more children than entries, after job ${trigger.job.id}`] : [];
};

const checkEnd = (facts: Facts, job: JobRecord, ran: Rules): string[] => {
  const failed = ran.flatMap(({ name, own }) =>
    own.filter(({ status }) => status !== 'PROCESSED').map(({ id }) => ({ name, id })),
  );
  const result = facts.results.get(job.id) ?? null;
  if (failed.length > 0) {
    const named = failed
      .slice(0, 3)
      .every(({ name, id }) => job.reason?.includes(`"${name}"`) && job.reason.includes(id));
    return job.status === 'FAILED' && named && result === null
      ? []
      : [`chain ${job.id} is ${job.status} (${job.reason}), ${failed.length} children failed`];
  }
  const expected = ran.map(({ name, own }) => [
    name,
    own.map((child) => ({
      result_type: child.result_type,
      result: JSON.parse(facts.results.get(child.id) ?? 'null'),
      job_id: child.id,
      job_type: child.job_type,
    })),
  ]);
  const told = result === null ? null : Object.entries(JSON.parse(result));
  const fits =
    job.status === 'PROCESSED' &&
    job.http_code === 200 &&
    job.result_type === 'conditional' &&
    !differs(told, expected);
  return fits
    ? []
    : [`chain ${job.id} is ${job.status} (${job.reason}) with ${result}, not ${JSON.stringify(expected)}`];
};
