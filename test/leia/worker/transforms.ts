import * as z from 'zod';
import type { LeiaDocument, Work } from '../rules/model.ts';
import type { Outcome, Produced } from '../rules/world.ts';
import { BadInput } from './bad-input.ts';
import { autorotated, normalized, transcoded, trimmed } from './images.ts';
import type { Reader } from './ocr.ts';
import { renderPages } from './pdf.ts';
import { kindOf, plainText, type Texts } from './texts.ts';

/** What transforms work with. */
export type Tools = { texts: Texts; reader: Reader };

type Transform = Extract<Work, { kind: 'transform' }>;
type Params = Transform['params'];
type EachInput = (input: LeiaDocument, tools: Tools, params: Params) => Promise<Produced[]>;

const png = (input: LeiaDocument, content: Buffer, page = input.page): Produced => ({
  filename: input.filename,
  extension: 'png',
  mime_type: 'image/png',
  content,
  original_id: input.id,
  page,
});

const text = (input: LeiaDocument, content: string, page = input.page): Produced => ({
  filename: input.filename,
  extension: 'txt',
  mime_type: 'text/plain',
  content: Buffer.from(content),
  original_id: input.id,
  page,
});

/** A parameter that may come as text (contract §3.4). */
const wholeNumber = (params: Params, name: string, least: number, most: number): number | undefined => {
  const parsed = z.coerce.number().int().min(least).max(most).optional().safeParse(params[name]);
  if (!parsed.success) throw new BadInput(`${name}: must be a whole number from ${least} to ${most}`);
  return parsed.data;
};

const must = (input: LeiaDocument, kind: ReturnType<typeof kindOf>): void => {
  if (kindOf(input) !== kind) throw new BadInput(`Document ${input.id} is no ${kind}`);
};

/** PNG unless an output_quality asks for JPEG, the format that has one. */
const image: EachInput = async (input, _tools, params) => {
  if (kindOf(input) === 'image') return [png(input, await normalized(input), 0)];
  must(input, 'pdf');
  const quality = wholeNumber(params, 'output_quality', 1, 100);
  const pages = await renderPages(input.content, quality);
  const jpeg = quality === undefined ? {} : { extension: 'jpg', mime_type: 'image/jpeg' };
  return pages.map((content, page) => ({ ...png(input, content, page), ...jpeg }));
};

const textTree: EachInput = async (input, { texts }) => {
  const pages = (await texts.readingsOf(input)).map((reading, page) => ({ page, ...reading }));
  const tree = text(input, JSON.stringify({ pages }));
  return [{ ...tree, extension: 'json', mime_type: 'application/json' }];
};

const split: EachInput = async (input, _tools, params) => {
  must(input, 'text');
  const size = wholeNumber(params, 'split_size', 1, Number.MAX_SAFE_INTEGER) ?? 1000;
  const words = plainText(input)
    .split(/\s+/)
    .filter((word) => word !== '');
  const chunks = Math.ceil(words.length / size);
  return Array.from({ length: chunks }, (_, n) => text(input, words.slice(n * size, (n + 1) * size).join(' '), n));
};

const transcode: EachInput = async (input, _tools, params) => {
  must(input, 'image');
  const { format, content } = await transcoded(input, params.format ?? 'jpeg');
  return [{ ...png(input, content), extension: format, mime_type: `image/${format}` }];
};

const onImage =
  (change: (input: LeiaDocument, tools: Tools) => Promise<Buffer>): EachInput =>
  async (input, tools) => {
    must(input, 'image');
    return [png(input, await change(input, tools))];
  };

const eachInput: Record<Exclude<Transform['output_type'], 'merge'>, EachInput> = {
  image,
  text: async (input, { texts }) => [text(input, await texts.textOf(input))],
  text_tree: textTree,
  split,
  transcode,
  trim: onImage(trimmed),
  autorotate: onImage((input, { reader }) => autorotated(input, reader)),
};

const merge = (inputs: LeiaDocument[]): Produced[] => {
  for (const input of inputs) must(input, 'text');
  return inputs.slice(0, 1).map((first) => text(first, inputs.map(plainText).join('\n'), null));
};

/** Makes new documents of the inputs (contract §3.2); their number decides the result's shape (§3.11). */
export const transform = async (work: Transform, inputs: LeiaDocument[], tools: Tools): Promise<Outcome> => {
  if (work.output_type === 'merge') return { ended: 'documents', result_type: 'document', documents: merge(inputs) };
  const documents: Produced[] = [];
  for (const input of inputs) documents.push(...(await eachInput[work.output_type](input, tools, work.params)));
  const list = work.output_type === 'image' || work.output_type === 'split' || inputs.length > 1;
  return { ended: 'documents', result_type: list ? 'list[document]' : 'document', documents };
};
