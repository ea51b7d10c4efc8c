import * as z from 'zod';
import type { Job, LeiaDocument } from '../rules/model.ts';
import { resultTypes } from '../rules/model.ts';
import type { Outcome, Produced, Task, Worker } from '../rules/world.ts';

/** What a test says about the jobs that match: how long they take and how they end. */
export const Script = z.object({
  match: z
    .object({
      job_type: z.string().optional(),
      model_id: z.string().optional(),
      document_id: z.string().optional(),
      callbackUrlIncludes: z.string().optional(),
    })
    .optional(),
  /** How many jobs; for ever by default. */
  times: z.int().positive().optional(),
  /** Of LEIA's clock; null: it runs until it is cancelled or forced. */
  durationMs: z.number().nonnegative().nullable().optional(),
  /** Any JSON value, or `resultText`, JSON text that is sent as it is written. Both want `result_type`. */
  result: z.unknown().optional(),
  resultText: z.string().optional(),
  result_type: z.enum(resultTypes).optional(),
  fail: z.object({ reason: z.string(), http_code: z.int().default(400) }).optional(),
});
export type Script = z.input<typeof Script>;
export type ActiveScript = z.output<typeof Script> & { left: number };

export const activeScript = (script: z.output<typeof Script>): ActiveScript => ({
  ...script,
  left: script.times ?? Number.POSITIVE_INFINITY,
});

const defaultDurationMs = 20;

const matches = ({ match, left }: ActiveScript, job: Job): boolean =>
  left > 0 &&
  (match?.job_type === undefined || match.job_type === job.job_type) &&
  (match?.model_id === undefined || match.model_id === job.model_id) &&
  (match?.document_id === undefined || job.document_ids.includes(match.document_id)) &&
  (match?.callbackUrlIncludes === undefined || (job.callback_url ?? '').includes(match.callbackUrlIncludes));

const page = (of: LeiaDocument, number: number): Produced => ({
  filename: of.filename,
  extension: 'png',
  mime_type: 'image/png',
  content: Buffer.from(`page ${number} of ${of.filename}`),
  original_id: of.id,
  page: number,
});

const text = (of: LeiaDocument): Produced => ({
  filename: of.filename,
  extension: 'txt',
  mime_type: 'text/plain',
  content: Buffer.from(`text of ${of.filename}`),
  original_id: of.id,
  page: of.page,
});

/** One input gives the single form, several give a dict by document id (contract §3.11, §8.26). */
const single = (inputs: LeiaDocument[], result_type: 'classification' | 'object', result: unknown): Outcome =>
  inputs.length === 1
    ? { ended: 'result', result_type, result }
    : {
        ended: 'result',
        result_type: `dict[${result_type}]`,
        result: Object.fromEntries(inputs.map(({ id }) => [id, result])),
      };

const transformed = (output: string, inputs: LeiaDocument[]): Outcome => {
  if (output === 'image') {
    const documents = inputs.flatMap((input) => [page(input, 0), page(input, 1)]);
    return { ended: 'documents', result_type: 'list[document]', documents };
  }
  const made = output === 'merge' ? inputs.slice(0, 1).map(text) : inputs.map(text);
  const list = output === 'split' || made.length > 1;
  return { ended: 'documents', result_type: list ? 'list[document]' : 'document', documents: made };
};

/** What a job of this kind gives when no script says otherwise: fixed content in the right shape (contract §3.11). */
const usual = ({ job: { work }, inputs }: Task): Outcome => {
  if (work.kind === 'transform') return transformed(work.output_type, inputs);
  if (work.kind === 'train') {
    const name = work.model_name ?? work.documents_tag;
    const short_name = work.short_name ?? name;
    return { ended: 'model', model: { name, short_name, description: '', model_type: 'classification', examples: [] } };
  }
  if (work.classify) return single(inputs, 'classification', { category: 'invoice', accuracy: 0.97, score: 1 });
  return single(inputs, 'object', { number: 'F-2026-001', date: '2026-01-31', total: 1234.5 });
};

const outcomeOf = (script: ActiveScript | undefined, task: Task): Outcome => {
  if (script?.fail) return { ended: 'failure', ...script.fail };
  const { result_type = 'object', result, resultText } = script ?? {};
  if (resultText !== undefined) return { ended: 'text', result_type, resultText };
  if (result !== undefined) return { ended: 'result', result_type, result };
  return usual(task);
};

/**
 * The worker of tests: jobs take a little of LEIA's clock and end as their script says. `otherwise` takes the jobs
 * that no script matches; without it they end in the usual way of their kind.
 */
export const scriptedWorker =
  (scripts: ActiveScript[], otherwise?: Worker): Worker =>
  (task) => {
    const script = scripts.find((candidate) => matches(candidate, task.job));
    if (!script && otherwise) return otherwise(task);
    if (script) script.left -= 1;
    if (script?.durationMs === null) return undefined;
    return { durationMs: script?.durationMs ?? defaultDurationMs, outcome: () => outcomeOf(script, task) };
  };
