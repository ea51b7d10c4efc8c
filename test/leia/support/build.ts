import { developer, secondDeveloper } from '../applications.ts';
import { addDocument } from '../rules/documents.ts';
import type { Job, LeiaDocument, Model } from '../rules/model.ts';
import { type Submission, submit } from '../rules/submit.ts';
import { settle } from '../rules/transitions.ts';
import { createWorld, type World } from '../rules/world.ts';
import { activeScript, Script, scriptedWorker } from '../worker/scripted.ts';

export const classifier: Model = {
  id: '5d52858cb4608e10db98ea1f',
  short_name: 'classifier',
  name: 'classifier',
  description: '',
  application_id: developer.id,
  creation_time: 0,
  model_type: 'classification',
  model_module: '',
  tags: [],
  examples: [],
};

/** A LEIA without HTTP, at time 1000, whose worker follows `scripts`. */
export const buildWorld = (scripts: Script[] = []): World => {
  const active = scripts.map((script) => activeScript(Script.parse(script)));
  let counter = 0;
  return createWorld({
    time: 1000,
    newId: () => {
      counter += 1;
      return counter.toString(16).padStart(24, '0');
    },
    worker: scriptedWorker(active),
    slots: Number.POSITIVE_INFINITY,
    applications: [developer, secondDeveloper],
    models: [classifier],
  });
};

export const addPdf = (world: World, tags: string[] = []): LeiaDocument =>
  addDocument(world, developer, { filename: 'some.pdf', ttlSeconds: undefined, tags, content: new Uint8Array() });

/** A document made of another one, as a page or a text. */
export const addPart = (world: World, of: LeiaDocument, page: number | null, tags: string[] = []): LeiaDocument =>
  Object.assign(addPdf(world, tags), { original_id: of.id, page });

/** Submits as the developer; by default a rendering of the documents to images. */
export const submitTo = (world: World, documents: LeiaDocument[], change: Partial<Submission> = {}): Job => {
  const job = submit(world, {
    submitter: developer,
    owner: developer,
    work: { kind: 'transform', output_type: 'image', output_tag: null, params: {} },
    documentIds: documents.map(({ id }) => id),
    tag: null,
    pageRange: null,
    executeAfterId: null,
    callbackUrl: null,
    callbackHeaders: {},
    blockProcessing: false,
    ...change,
  });
  settle(world);
  return job;
};
