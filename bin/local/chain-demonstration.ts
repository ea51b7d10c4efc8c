// The conditional job of the demonstration: what is an invoice is read and its fields are extracted; a letter would be
// split. Shown as a tree: the rules, why each did or did not run, what ran, and what came of it.
import { z } from 'zod';
import type { Client, Document, Job } from './client.ts';

const condition = z.object({
  field: z.string(),
  operator: z.string(),
  expected: z.unknown(),
  actual: z.unknown().optional(),
  held: z.boolean().nullable(),
});
const entry = z.object({
  entry: z.number(),
  output_type: z.string().optional(),
  runs: z.string(),
  why: z.string().nullable(),
  job_id: z.string().nullable(),
  status: z.string().nullable(),
});
const rule = z.object({
  rule: z.string(),
  matched: z.boolean().nullable(),
  why: z.string(),
  conditions: z.array(condition),
  jobs: z.array(entry),
});
const explanation = z.object({ status: z.string(), rules: z.array(rule) });
const result = z.record(z.string(), z.array(z.object({ job_id: z.string(), result: z.unknown() })));
const fields = z.object({ number: z.string(), date: z.string(), total: z.number(), currency: z.string().nullish() });

type Rule = z.infer<typeof rule>;
type Entry = z.infer<typeof entry>;

/** Submits the chain behind a classification; `pages` are what an invoice is read from. */
export const submitChain = async (client: Client, category: Job, pages: readonly Document[]): Promise<Job> => {
  const extractor = (await client.models()).find(({ model_type }) => model_type === 'key_value_extraction');
  const document_ids = pages.map(({ id }) => id);
  const read = { job_type: 'transform', output_type: 'text', document_ids };
  const extract = extractor ? [{ job_type: 'apply_model', model_id: extractor.id }] : [];
  const sure = { accuracy: { $gte: 0.5 } };
  return client.conditional(category.id, {
    invoice: { conditions: { category: 'invoice', ...sure }, jobs: [read, ...extract] },
    letter: { conditions: { category: 'letter', ...sure }, jobs: [{ ...read, output_type: 'split' }] },
  });
};

export interface ShownChain {
  readonly tree: string;
  /** Whether what the sample must bring about was brought about. */
  readonly asExpected: boolean;
}

/** What became of a chain that has ended. */
export const showChain = async (client: Client, { id, status, result: made }: Job): Promise<ShownChain> => {
  const { rules } = explanation.parse(await client.explain(id));
  const results = result.safeParse(made).data ?? {};
  const found = new Map(Object.values(results).flatMap((jobs) => jobs.map((one) => [one.job_id, one.result] as const)));
  const [invoice, letter] = ['invoice', 'letter'].map((name) => rules.find((one) => one.rule === name));
  return {
    tree: lines({ text: `Chain ${id} is ${status}`, below: rules.map((one) => ruleNode(one, found)) }).join('\n'),
    asExpected:
      invoice?.jobs.every((one) => one.status === 'PROCESSED') === true &&
      letter?.jobs.every((one) => one.job_id === null) === true &&
      [...found.values()].some((one) => fieldsIn(one).length > 0),
  };
};

interface Node {
  readonly text: string;
  readonly below?: readonly Node[];
}

const lines = ({ text, below = [] }: Node): string[] => [
  text,
  ...below.flatMap((node, index) => {
    const [own = '', ...rest] = lines(node);
    return index + 1 < below.length
      ? [`├─ ${own}`, ...rest.map((line) => `│  ${line}`)]
      : [`└─ ${own}`, ...rest.map((line) => `   ${line}`)];
  }),
];

type Found = ReadonlyMap<string, unknown>;

const ruleNode = ({ rule: name, matched, why, conditions, jobs }: Rule, found: Found): Node => ({
  text: `rule ${name} ${matched ? 'ran' : 'did not run'}: ${why}`,
  below: [
    ...conditions.map(({ field, operator, expected, actual, held }) => ({
      text: `${field} ${operator} ${JSON.stringify(expected)} ${held ? 'holds' : 'does not hold'}: it is ${JSON.stringify(actual)}`,
    })),
    ...jobs.map((one) => entryNode(one, found)),
  ],
});

const entryNode = ({ output_type, job_id, status, why }: Entry, found: Found): Node => {
  const what = output_type ?? 'model';
  if (job_id === null) return { text: `${what} is not run: ${why}` };
  return { text: `${what} ${job_id} is ${status}`, below: resultNodes(found.get(job_id)) };
};

const resultNodes = (made: unknown): Node[] => {
  const documents = z.array(z.object({ filename: z.string() })).safeParse(made).data;
  if (documents) return [{ text: `${documents.length} documents` }];
  return fieldsIn(made).map(({ number, date, total, currency }) => ({
    text: `number ${number}, date ${date}, total ${[currency, total.toFixed(2)].filter(Boolean).join(' ')}`,
  }));
};

/** What was extracted: of one document, or by the id of each; only what is whole. */
const fieldsIn = (made: unknown): z.infer<typeof fields>[] => {
  const several = z.record(z.string(), z.unknown()).safeParse(made).data ?? {};
  return [made, ...Object.values(several)].flatMap((one) => fields.safeParse(one).data ?? []);
};
