// What LEIA's workers make of jobs in a run: the right shape of result for each kind, of chance in time and content.
import type { LeiaDocument } from '../../leia/rules/model.ts';
import type { Outcome, Produced, Run, Task, Worker } from '../../leia/rules/world.ts';
import type { Chance } from '../kernel/chance.ts';

/** Which documents each of LEIA's jobs was really run on. */
export type Inputs = Map<string, string[]>;

const categories = ['invoice', 'letter', 'other'] as const;

export const workerOf =
  (chance: Chance, inputs: Inputs): Worker =>
  (task): Run => {
    inputs.set(
      task.job.id,
      task.inputs.map(({ id }) => id),
    );
    const durationMs = durationOf(chance);
    const outcome = outcomeOf(task, chance);
    return { durationMs, outcome: () => outcome };
  };

/** Mostly seconds, sometimes minutes, now and then so long that whatever should have ended it has had its time. */
const durationOf = (chance: Chance): number => {
  const kind = chance.below(20);
  if (kind === 0) return chance.between(1_300_000, 1_600_000);
  return kind < 8 ? chance.between(5000, 240_000) : chance.between(200, 5000);
};

const outcomeOf = ({ job: { work }, inputs }: Task, chance: Chance): Outcome => {
  if (chance.happens(0.12))
    return { ended: 'failure', reason: 'The document could not be read', http_code: chance.pick([400, 500]) };
  if (work.kind === 'transform') return transformed(work.output_type, inputs);
  if (work.kind === 'train') {
    const name = work.model_name ?? work.documents_tag;
    const model = { name, short_name: name, description: '', model_type: 'classification' as const, examples: [] };
    return { ended: 'model', model };
  }
  const one = work.classify
    ? { category: chance.pick(categories), accuracy: chance.pick([0.5, 0.9, 1]), score: 1 }
    : // Some results are too large for the job's own item.
      { number: `F-${chance.below(1000)}`, text: 'x'.repeat(chance.happens(0.2) ? 5000 : 5) };
  const type = work.classify ? 'classification' : 'object';
  return inputs.length === 1
    ? { ended: 'result', result_type: type, result: one }
    : { ended: 'result', result_type: `dict[${type}]`, result: Object.fromEntries(inputs.map(({ id }) => [id, one])) };
};

const transformed = (output: string, inputs: LeiaDocument[]): Outcome => {
  const documents = inputs.flatMap((input) =>
    output === 'image' ? [made(input, 0), made(input, 1)] : [made(input, null)],
  );
  const isList = output === 'image' || documents.length !== 1;
  return { ended: 'documents', result_type: isList ? 'list[document]' : 'document', documents };
};

const made = (of: LeiaDocument, page: number | null): Produced => ({
  filename: of.filename,
  extension: 'png',
  mime_type: 'image/png',
  content: Buffer.from('made'),
  original_id: of.id,
  page,
});
