import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type LocalLeia, startLeia } from './server.ts';
import { type Client, Documents, type Job, logIn } from './support/client.ts';

const Classification = z.object({ category: z.string(), accuracy: z.number(), score: z.number() });
const sample = (name: string) => readFile(new URL(`samples/${name}`, import.meta.url));

let leia: LocalLeia;
let client: Client;
let pdf: string;
let images: Job;

beforeAll(async () => {
  leia = await startLeia({ worker: 'real' });
  client = await logIn(leia.url, leia.apiKey);
  pdf = await client.upload('invoice.pdf', await sample('invoice.pdf'));
  images = await run(`/document/${pdf}/transform/image?output_tag=PAGE`);
});
afterAll(() => leia.close());

const run = async (path: string, parameters?: Record<string, unknown>): Promise<Job> =>
  client.ended((await client.submit(path, parameters)).id);

const contents = async (id: string): Promise<Buffer> => {
  const response = await fetch(`${leia.url}/document/${id}/file_contents`, { headers: { token: client.token } });
  return Buffer.from(await response.arrayBuffer());
};

const made = (job: Job): { id: string }[] => Documents.parse([job.result].flat());
const textOf = async (document: { id: string } | undefined): Promise<string> =>
  (await contents(document?.id ?? '')).toString();

describe('the real worker', () => {
  it('renders a PDF to one PNG a page, tagged and numbered', async () => {
    expect(images).toMatchObject({ status: 'PROCESSED', result_type: 'list[document]', http_code: 200 });
    const pages = Documents.parse(images.result);
    expect(pages.map(({ page, tags, original_id }) => [page, tags, original_id])).toEqual(
      [0, 1, 2].map((page) => [page, ['PAGE'], pdf]),
    );
    const { format, width = 0 } = await sharp(await contents(pages[0]?.id ?? '')).metadata();
    expect(format).toBe('png');
    expect(width).toBeGreaterThan(1200);
  });

  it('tells an invoice from a letter, page by page', async () => {
    const parameters = { execute_after_id: images.id, format_type: 'classification' };
    const classify = (page_range: string) =>
      run(`/model/document-classifier/apply/${pdf}`, { ...parameters, page_range });
    const first = Classification.parse((await classify('0')).result);
    expect(first.category).toBe('invoice');
    expect(first.accuracy).toBeGreaterThan(0.5);
    expect(first.accuracy).toBeLessThanOrEqual(1);
    const both = await classify('0,2');
    expect(both.result_type).toBe('dict[classification]');
    const categories = Object.values(z.record(z.string(), Classification).parse(both.result));
    expect(categories.map(({ category }) => category)).toEqual(['invoice', 'letter']);
  });

  it('reads all pages of a scan', async () => {
    const texts = await run(`/document/${pdf}/transform/text`, { execute_after_id: images.id, page_range: ':' });
    const [invoice, , letter] = await Promise.all(made(texts).map(textOf));
    expect(invoice).toContain('AF-2026-0117');
    expect(letter).toContain('Yours sincerely');
  });

  it("takes a PDF's own text, and finds number, date and total in it", async () => {
    const text = await run(`/document/${pdf}/transform/text`);
    expect(text.result_type).toBe('document');
    expect(await textOf(made(text)[0])).toContain('Total due');
    const fields = await run(`/model/field-extractor/apply/${pdf}`);
    expect(fields).toMatchObject({
      result_type: 'object',
      result: { number: 'AF-2026-0117', date: '2026-01-31', total: 2735.76, currency: 'GBP' },
    });
  });

  it('gives words with their places as a text tree', async () => {
    const tree = await run(`/document/${pdf}/transform/text_tree`, { input_tag: 'PAGE', page_range: '0' });
    const { pages } = z
      .object({ pages: z.array(z.looseObject({ lines: z.array(z.unknown()) })) })
      .parse(JSON.parse(await textOf(made(tree)[0])));
    expect(pages[0]?.lines[0]).toMatchObject({ text: expect.stringContaining('Alder'), words: expect.any(Array) });
  });

  it('turns a page upright, trims and transcodes it', async () => {
    const page = await contents(Documents.parse(images.result)[2]?.id ?? '');
    const sideways = await client.upload('sideways.png', await sharp(page).rotate(90).toBuffer());
    const upright = await run(`/document/${sideways}/transform/autorotate`);
    const { width = 0, height = 0 } = await sharp(await contents(made(upright)[0]?.id ?? '')).metadata();
    expect(height).toBeGreaterThan(width);
    const trimmed = await run(`/document/${made(upright)[0]?.id}/transform/trim`);
    const jpeg = await run(`/document/${made(trimmed)[0]?.id}/transform/transcode`, { format: 'jpeg' });
    const smaller = await sharp(await contents(made(jpeg)[0]?.id ?? '')).metadata();
    expect(smaller.format).toBe('jpeg');
    expect(smaller.height).toBeLessThan(height);
  });

  it('merges and splits texts', async () => {
    const one = await client.upload('one.txt', 'a  b\nc');
    const two = await client.upload('two.txt', 'd');
    const merged = await run(`/document/${one},${two}/transform/merge`);
    expect(merged.result_type).toBe('document');
    expect(await textOf(made(merged)[0])).toBe('a  b\nc\nd');
    const split = await run(`/document/${made(merged)[0]?.id}/transform/split`, {
      transform_params: { split_size: 3 },
    });
    expect(split.result_type).toBe('list[document]');
    expect(await Promise.all(made(split).map(textOf))).toEqual(['a b c', 'd']);
  });

  it('trains a classifier on tagged documents, which can then be applied', async () => {
    const tagged = (name: string, text: string, category: string) =>
      client.upload(name, text, `&tags=fruit&tags=${category}`);
    await tagged('1.txt', 'yellow long tropical peel bunch', 'banana');
    await tagged('2.txt', 'red round orchard crisp cider core', 'apple');
    const training = await run('/model/any.module/train/fruit?model_name=fruits&short_name=fruits');
    expect(training).toMatchObject({ result_type: 'model', result: { name: 'fruits' } });
    const unknown = await client.upload('3.txt', 'a crisp round one');
    const found = await run(`/model/fruits/apply/${unknown}?format_type=classification`);
    expect(found.result).toMatchObject({ category: 'apple' });
  });

  it.each([
    ['a PDF that is none', 'broken.pdf', 'transform/image'],
    ['an image that is none', 'broken.png', 'transform/text'],
    ['a text to be rendered', 'plain.txt', 'transform/image'],
  ])('fails %s with http_code 400', async (_what, name, path) => {
    const job = await run(`/document/${await client.upload(name, 'not what it says')}/${path}`);
    expect(job).toMatchObject({ status: 'FAILED', http_code: 400, result: null, result_type: null });
    expect(job.reason).toBeTruthy();
  });
});
