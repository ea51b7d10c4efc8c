import { readdir, readFile } from 'node:fs/promises';
import { admin } from '../applications.ts';
import type { LabelledText, Model } from '../rules/model.ts';

const samples = new URL('../samples/', import.meta.url);
const categories = ['invoice', 'purchase-order', 'letter', 'other'];

const textsOf = async (category: string): Promise<LabelledText[]> => {
  const folder = new URL(`${category}/`, samples);
  const files = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort();
  return Promise.all(files.map(async (name) => ({ category, text: await readFile(new URL(name, folder), 'utf8') })));
};

const common = { application_id: admin.id, creation_time: admin.creation_time, tags: [] };

/** The models that a local LEIA has from the start: a classifier with its training set, and an extractor. */
export const localModels = async (): Promise<Model[]> => [
  {
    ...common,
    id: '5d52858cb4608e10db98ea1f',
    short_name: 'document-classifier',
    name: 'Document classifier',
    description: `Tells apart ${categories.join(', ')}`,
    model_type: 'classification',
    model_module: 'leia.models.text.classifier.naive_bayes.v1',
    examples: (await Promise.all(categories.map(textsOf))).flat(),
  },
  {
    ...common,
    id: '5d52858cb4608e10db98ea20',
    short_name: 'field-extractor',
    name: 'Field extractor',
    description: 'Finds number, date and total',
    model_type: 'key_value_extraction',
    model_module: 'leia.models.text.extractor.patterns.v1',
    examples: [],
  },
];
