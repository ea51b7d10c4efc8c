// Shows the deployed bundle at work: real documents through the base URL, like any client, and a table of what became
// of each job and how the mirror learnt of it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { leiaHooks } from '../../test/leia/hooks.ts';
import { type Receiver, startReceiver } from './callback-demonstration.ts';
import { type ShownChain, showChain, submitChain } from './chain-demonstration.ts';
import { type Client, categoryOf, connect, type Document, documentsOf, type Job, type Reading } from './client.ts';
import { LocalRunError, root } from './processes.ts';
import type { LocalRun } from './run.ts';
import { step } from './step.ts';
import { table } from './table.ts';

const sample = join(root, 'test', 'leia', 'samples', 'invoice.pdf');
/** Longer than a sweep and the next one take, which come round each minute. */
const jobSeconds = 240;

/** A job, and what is expected of it. */
interface Expectation {
  readonly title: string;
  readonly status: 'PROCESSED' | 'FAILED' | 'CANCELED';
  /** By any way when left out. */
  readonly learntBy?: 'callback' | 'sweep';
  /** What must hold of the result. */
  readonly result?: (job: Job) => boolean;
}

/** One line of the table. */
interface Line extends Expectation, Reading {
  /** From its submission until its end was read. */
  readonly took: number;
}

type Stage = Pick<LocalRun, 'aws' | 'service' | 'leia' | 'apiKey' | 'webhookSecret'>;

/** @returns whether every job ended as expected */
export const demonstrate = async ({ aws, service, leia, apiKey, webhookSecret }: Stage): Promise<boolean> => {
  // The functions of another emulated AWS may run where they do not find this machine.
  await using caller = aws.own ? await startReceiver(webhookSecret) : undefined;
  const client = await step('Log in', () => connect(service.baseUrl, apiKey));
  const pdf = await step('Upload invoice.pdf', async () =>
    client.upload('invoice.pdf', new Uint8Array(await readFile(sample))),
  );
  const local = leia.process !== undefined;
  const lost = local ? await submitWithLostCallback(client, pdf, leia.url) : undefined;
  const lines = [
    ...(await processDocument(client, pdf, caller?.url)),
    await failForBadInput(client),
    await cancelOne(client, pdf),
  ];
  if (lost) lines.push(await untilSwept(client, lost, leia.url));
  // Whether another LEIA's callbacks reach this machine is nobody's promise; the sweep finds what they do not tell.
  const rows = lines.map((line) => ({ ...line, complaint: complaint(line, { anyWay: !local }) }));

  console.log(`\n${report(rows)}\n\n${legend}`);
  if (!lost) console.log('Left out: a lost callback, for only the local LEIA has a hook to lose it.');
  console.log(`\n${await findings(client, lines)}\n`);
  const chain = await chainOf(client, lines);
  if (chain) console.log(`${chain.tree}\n`);
  const told = await toldOf(caller, lines);
  // What another LEIA takes the sample for is its own affair.
  const chainAsExpected = !local || chain?.asExpected === true;
  if (!chainAsExpected) console.log('✖ The chain did not do what is expected of it.');
  const asExpected = rows.every((row) => row.complaint === undefined) && chainAsExpected && told;
  console.log(asExpected ? 'Every job ended as expected.' : '✖ Not every job ended as expected: see the lines with ✖.');
  return asExpected;
};

const chainOf = async (client: Client, lines: readonly Line[]): Promise<ShownChain | undefined> => {
  const line = lines.find(({ job }) => job.job_type === 'conditional');
  return line && showChain(client, line.job);
};

/** Says what the caller of the first job was told. @returns whether it was told, if there is a caller */
const toldOf = async (caller: Receiver | undefined, [line]: readonly Line[]): Promise<boolean> => {
  if (!caller || !line) return true;
  const sentence = await caller.awaitCallback(line.job.id);
  console.log(`${sentence ?? `✖ The caller of ${line.job.id} was told nothing.`}\n`);
  return sentence !== undefined;
};

/** Waits for a job under a title of the task list. */
const follow = (client: Client, job: Job, expectation: Expectation): Promise<Line> =>
  step(expectation.title, async () => {
    const reading = await client.awaitEnd(job.id, jobSeconds);
    return { ...expectation, ...reading, took: (Date.now() - Date.parse(job.creation_time)) / 1000 };
  });

/** Pages, of whose end a caller is told, then the first page's category and all pages' text, which wait for the pages; behind the category, a chain. */
const processDocument = async (client: Client, pdf: Document, callbackUrl: string | undefined): Promise<Line[]> => {
  const classifier = (await client.models()).find(({ model_type }) => model_type === 'classification');
  if (!classifier) throw new LocalRunError('This LEIA has no classification model.');
  const pages = await client.transform(pdf.id, 'image', callbackUrl === undefined ? {} : { callback_url: callbackUrl });
  const after = { execute_after_id: pages.id };
  const category = await client.apply(classifier.id, pdf.id, {
    ...after,
    page_range: '0',
    format_type: 'classification',
  });
  const text = await client.transform(pdf.id, 'text', after);
  const asUsual = { status: 'PROCESSED', learntBy: 'callback' } as const;
  const several = (job: Job): boolean => documentsOf(job).length > 1;
  const paged = await follow(client, pages, { title: 'Pages of the PDF', ...asUsual, result: several });
  const chain = await submitChain(client, category, paged.job.status === 'PROCESSED' ? documentsOf(paged.job) : [pdf]);
  return [
    paged,
    await follow(client, category, {
      title: 'Category of page 0',
      ...asUsual,
      result: (job) => categoryOf(job) !== undefined,
    }),
    await follow(client, text, { title: 'Text of all pages', ...asUsual, result: several }),
    await follow(client, chain, { title: 'Chain: if it is an invoice, its text and fields', status: 'PROCESSED' }),
  ];
};

const failForBadInput = async (client: Client): Promise<Line> => {
  const broken = await client.upload('broken.pdf', new TextEncoder().encode('%PDF-1.7\nthis is no PDF\n'));
  const job = await client.transform(broken.id, 'image');
  return follow(client, job, { title: 'A file that is no PDF', status: 'FAILED', learntBy: 'callback' });
};

const cancelOne = async (client: Client, pdf: Document): Promise<Line> => {
  const job = await client.transform(pdf.id, 'image', { block_processing: 'true' });
  await client.cancel(job.id);
  return follow(client, job, { title: 'Cancelled before its start', status: 'CANCELED' });
};

/** The job waits until LEIA has been told to lose what it will say about it. */
const submitWithLostCallback = async (client: Client, pdf: Document, leiaUrl: string): Promise<Job> => {
  const job = await client.transform(pdf.id, 'image', { block_processing: 'true' });
  await leiaHooks(leiaUrl).callbackRule({ action: 'drop', urlIncludes: job.id });
  await client.start(job.id);
  return job;
};

const untilSwept = async (client: Client, job: Job, leiaUrl: string): Promise<Line> => {
  const title = 'Callback lost, found by the sweep that comes each minute';
  const line = await follow(client, job, { title, status: 'PROCESSED', learntBy: 'sweep' });
  await leiaHooks(leiaUrl).clearCallbackRules();
  return line;
};

/** What is not as expected, in words; undefined when all is. */
const complaint = (line: Line, { anyWay }: { anyWay: boolean }): string | undefined => {
  const { job, observedVia, status, learntBy, result } = line;
  if (job.status !== status) return `expected ${status}`;
  if (!anyWay && learntBy !== undefined && observedVia !== learntBy) return `expected to be learnt by ${learntBy}`;
  if (result && !result(job)) return 'its result is not as expected';
  return undefined;
};

const report = (rows: readonly (Line & { complaint: string | undefined })[]): string =>
  table(
    ['', 'Job', 'Type', 'Status', 'Learnt by', 'Time', 'What it shows'],
    rows.map(({ job, observedVia, took, title, complaint: wrong }) => {
      const note = [title, job.reason, wrong].filter((part) => part != null).join(' – ');
      return [wrong ? '✖' : '✔', job.id, job.job_type, job.status, observedVia ?? '?', `${took.toFixed(1)} s`, note];
    }),
  );

const legend = `Learnt by  how the mirror came to know the status: LEIA's callback told, a sweep asked LEIA,
           LEIA answered the cancel (control), or the conditional job's own execution ended it (chain)
Time       from the submission until a client that polls the mirror saw the end`;

/** What was found in the document: its category and the first lines of its text. */
const findings = async (client: Client, lines: readonly Line[]): Promise<string> => {
  const found = (type: string): Job | undefined =>
    lines.find(({ job }) => job.status === 'PROCESSED' && job.job_type === type)?.job;
  const [predicted, recognised] = [found('predict'), found('image-text')];
  const [firstPage] = recognised ? documentsOf(recognised) : [];
  const text = firstPage ? await client.text(firstPage.id) : '';
  const firstLines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 6);
  const category = predicted && categoryOf(predicted);
  return [
    `Page 0 of invoice.pdf: ${category ?? 'no category'}. Its text begins`,
    ...firstLines.map((line) => `  ${line}`),
  ].join('\n');
};
