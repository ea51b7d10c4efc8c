import type { Model } from '../rules/model.ts';
import type { Outcome, Task, Worker } from '../rules/world.ts';
import { BadInput } from './bad-input.ts';
import { type Classify, trainClassifier } from './classifier.ts';
import { extractFields } from './fields.ts';
import { tesseract } from './ocr.ts';
import { documentTexts } from './texts.ts';
import { type Tools, transform } from './transforms.ts';

const classifiers = new WeakMap<Model, Classify>();

const classifierOf = (model: Model): Classify => {
  const known = classifiers.get(model) ?? trainClassifier(model.examples);
  classifiers.set(model, known);
  return known;
};

/** One input gives the single form, several a dict by document id (contract §3.11). */
const apply = async ({ job: { work }, inputs, model }: Task, { texts }: Tools): Promise<Outcome> => {
  if (!model || work.kind !== 'apply') throw new BadInput('The model is gone');
  // Without format_type a model answers in its own form: here that is the same numbers, or fields (contract §3.11).
  const form = work.classify ? 'classification' : 'object';
  const look = model.model_type === 'classification' ? classifierOf(model) : extractFields;
  const found: [string, unknown][] = [];
  for (const input of inputs) found.push([input.id, look(await texts.textOf(input))]);
  const [first] = found;
  return inputs.length === 1
    ? { ended: 'result', result_type: form, result: first?.[1] }
    : { ended: 'result', result_type: `dict[${form}]`, result: Object.fromEntries(found) };
};

/** Learns from the documents that carry the tag; a document's category is its first other tag. */
const train = async ({ job: { work }, examples }: Task, { texts }: Tools): Promise<Outcome> => {
  if (work.kind !== 'train') throw new BadInput('Nothing to train');
  const labelled: Model['examples'] = [];
  for (const document of examples) {
    const category = document.tags.find((tag) => tag !== work.documents_tag);
    if (category !== undefined) labelled.push({ category, text: await texts.textOf(document) });
  }
  trainClassifier(labelled);
  const name = work.model_name ?? work.documents_tag;
  const model = { name, short_name: work.short_name ?? name, description: '', model_type: 'classification' as const };
  return { ended: 'model', model: { ...model, examples: labelled } };
};

const perform = (task: Task, tools: Tools): Promise<Outcome> => {
  const { work } = task.job;
  if (work.kind === 'transform') return transform(work, task.inputs, tools);
  return work.kind === 'train' ? train(task, tools) : apply(task, tools);
};

const failed = (error: unknown): Outcome => ({
  ended: 'failure',
  reason: error instanceof Error ? error.message : String(error),
  http_code: error instanceof BadInput ? 400 : 500,
});

/** A worker that renders, reads and classifies real files. `done` is called whenever a job's work has ended. */
export const realWorker = (done: () => void): { work: Worker; close(): Promise<void> } => {
  const reader = tesseract();
  const tools: Tools = { reader, texts: documentTexts(reader) };
  const start: Worker = (task) => {
    let outcome: Outcome | undefined;
    const end = (ended: Outcome): void => {
      outcome = ended;
      done();
    };
    perform(task, tools).then(end, (error: unknown) => end(failed(error)));
    return { durationMs: 0, outcome: () => outcome };
  };
  return { work: start, close: () => reader.close() };
};
