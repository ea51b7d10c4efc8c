import type { LeiaDocument } from '../rules/model.ts';
import { BadInput } from './bad-input.ts';
import { normalized } from './images.ts';
import type { Reader, Reading } from './ocr.ts';
import { pdfText, renderPages } from './pdf.ts';

export type DocumentKind = 'pdf' | 'image' | 'text';

const startsWith = (content: Uint8Array, text: string): boolean =>
  Buffer.from(content.subarray(0, text.length)).toString('latin1') === text;

/** What a document is, by its type, else by its first bytes. */
export const kindOf = ({ mime_type, content, id }: LeiaDocument): DocumentKind => {
  if (mime_type === 'application/pdf' || startsWith(content, '%PDF-')) return 'pdf';
  if (mime_type.startsWith('image/') || startsWith(content, '\u0089PNG') || startsWith(content, '\u00ff\u00d8\u00ff'))
    return 'image';
  if (mime_type.startsWith('text/') || mime_type === 'application/json') return 'text';
  throw new BadInput(`Document ${id} is ${mime_type}: no PDF, image or text`);
};

export const plainText = ({ content }: LeiaDocument): string => Buffer.from(content).toString('utf8');

/** Reads documents. Documents do not change, so each is read once. */
export type Texts = {
  /** The text of any document: its own, or what can be read on it. */
  textOf(document: LeiaDocument): Promise<string>;
  /** What is seen on each page: a PDF's pages are rendered, a text has no pages to look at. */
  readingsOf(document: LeiaDocument): Promise<Reading[]>;
};

const remembered = <T>(make: (document: LeiaDocument) => Promise<T>): ((document: LeiaDocument) => Promise<T>) => {
  const known = new WeakMap<LeiaDocument, Promise<T>>();
  return (document) => {
    const value = known.get(document) ?? make(document);
    known.set(document, value);
    return value;
  };
};

const writtenReading = (text: string): Reading => {
  const bbox = { x0: 0, y0: 0, x1: 0, y1: 0 };
  const words = (line: string) => line.split(/\s+/).map((word) => ({ text: word, confidence: 100, bbox }));
  return { text, confidence: 100, lines: text.split('\n').map((line) => ({ text: line, bbox, words: words(line) })) };
};

export const documentTexts = (reader: Reader): Texts => {
  const readAll = async (pages: Buffer[]): Promise<Reading[]> => {
    const readings: Reading[] = [];
    for (const page of pages) readings.push(await reader.read(page));
    return readings;
  };

  const readingsOf = remembered(async (document) => {
    const kind = kindOf(document);
    if (kind === 'pdf') return readAll(await renderPages(document.content));
    if (kind === 'image') return readAll([await normalized(document)]);
    return [writtenReading(plainText(document))];
  });

  const textOf = remembered(async (document) => {
    const kind = kindOf(document);
    if (kind === 'text') return plainText(document);
    const own = kind === 'pdf' ? (await pdfText(document.content)).join('\n\n').trim() : '';
    if (own !== '') return own;
    return (await readingsOf(document)).map(({ text }) => text).join('\n\n');
  });

  return { textOf, readingsOf };
};
