// What clients ask for, by chance: jobs of all kinds, behind each other, blocked, with keys or without.
import type { Chance } from '../kernel/chance.ts';
import { models, trainingTag } from '../leia/leia.ts';
import type { Asked, Entry, Ledger, Rule } from './ledger.ts';

const NOWHERE = 'ffffffffffffffffffffffff';

export type Asking = { chance: Chance; ledger: Ledger; application: string; documents: string[] };

export const newSubmission = (asking: Asking): Asked => {
  const { chance, ledger, application } = asking;
  const name = `https://caller.test/${ledger.asked.length}`;
  const known = ledger.known(application);
  const [first, ...others] = known;
  const after = first !== undefined && chance.happens(0.7) ? chance.pick([first, ...others]) : undefined;
  const common = {
    name,
    application,
    blocked: chance.happens(0.15),
    ids: new Set<string>(),
    ...(after === undefined ? {} : { after }),
    ...(chance.happens(0.6) ? { key: `key of ${name}` } : {}),
  };
  const asked = chance.happens(0.05)
    ? training(asking, common)
    : after !== undefined && chance.happens(0.7)
      ? conditional(asking, { ...common, after })
      : plain(asking, common);
  ledger.asked.push(asked);
  return asked;
};

type Common = Pick<Asked, 'name' | 'application' | 'blocked' | 'ids' | 'after' | 'key'>;

const someDocuments = ({ chance, documents }: Asking): string[] => {
  const [first = NOWHERE, ...others] = documents;
  return Array.from({ length: chance.below(5) === 0 ? 2 : 1 }, () => chance.pick([first, ...others]));
};

const plain = (asking: Asking, common: Common): Asked => {
  const { chance } = asking;
  const documents = chance.happens(0.04) ? [NOWHERE] : someDocuments(asking);
  const pageRange =
    common.after !== undefined && chance.happens(0.2) ? chance.pick(['0', '-1:', '0,1', '7']) : undefined;
  const kind = chance.pick(['transform', 'transform', 'transform', 'apply', 'apply'] as const);
  const ids = documents.join(',');
  const path =
    kind === 'transform'
      ? `/document/${ids}/transform/${chance.pick(['image', 'text'])}`
      : `/model/${chance.pick([models.classifier, models.extractor])}/apply/${ids}`;
  return {
    ...common,
    kind,
    documents,
    ...(pageRange === undefined ? {} : { pageRange }),
    path,
    body: {
      callback_url: common.name,
      block_processing: common.blocked,
      ...(path.includes(`${models.classifier}/apply`) ? { format_type: 'classification' } : {}),
      ...(common.after === undefined ? {} : { execute_after_id: common.after }),
      ...(pageRange === undefined ? {} : { page_range: pageRange }),
    },
  };
};

const training = ({ chance }: Asking, common: Common): Asked => ({
  ...common,
  kind: 'train',
  documents: [],
  path: `/model/classifier/train/${chance.happens(0.1) ? 'nothing' : trainingTag}`,
  body: {
    callback_url: common.name,
    block_processing: common.blocked,
    ...(common.after === undefined ? {} : { execute_after_id: common.after }),
  },
});

const conditional = (asking: Asking, common: Common & { after: string }): Asked => {
  const { chance } = asking;
  const rules = Object.fromEntries(
    Array.from({ length: chance.between(0, 3) }, (_, nth): [string, Rule] => [`rule ${nth}`, aRule(asking)]),
  );
  return {
    ...common,
    kind: 'conditional',
    documents: [],
    rules,
    path: `/job/conditional/${common.after}`,
    body: { callback_url: common.name, block_processing: common.blocked, rules },
  };
};

const aRule = (asking: Asking): Rule => {
  const { chance } = asking;
  const conditions = chance.pick<Record<string, unknown> | undefined>([
    undefined,
    undefined,
    { category: 'invoice' },
    { category: { $in: ['invoice', 'letter'] } },
    { accuracy: { $gte: 0.7 } },
    { accuracy: [{ $gt: 0.6 }, { $lt: 1 }] },
    { missing: { $ne: 1 } },
    { missing: 1 },
  ]);
  const jobs = Array.from({ length: chance.pick([0, 1, 1, 2, 2, 3]) }, () => anEntry(asking));
  return { ...(conditions ? { conditions } : {}), jobs };
};

const anEntry = (asking: Asking): Entry => {
  const { chance } = asking;
  const named = chance.happens(0.3) ? { document_ids: someDocuments(asking) } : {};
  return chance.pick<Entry>([
    { ...named, job_type: 'transform', output_type: 'image' },
    { ...named, job_type: 'transform', output_type: 'text' },
    { ...named, job_type: 'apply_model', model_id: models.classifier, format_type: 'classification' },
    { ...named, job_type: 'apply_model', model_id: models.extractor },
  ]);
};
