import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createWorker, OEM, type Page } from 'tesseract.js';
import { decoding } from './bad-input.ts';

const require = createRequire(import.meta.url);
const languageData = join(dirname(require.resolve('@tesseract.js-data/eng')), '4.0.0_best_int');

export type Box = { x0: number; y0: number; x1: number; y1: number };
export type TreeWord = { text: string; confidence: number; bbox: Box };
export type TreeLine = { text: string; bbox: Box; words: TreeWord[] };

/** What a page says. `confidence` is 0 to 100. */
export type Reading = { text: string; confidence: number; lines: TreeLine[] };

/** Reads images, one at a time. */
export type Reader = { read(image: Buffer): Promise<Reading>; close(): Promise<void> };

const linesOf = (page: Page): TreeLine[] =>
  (page.blocks ?? [])
    .flatMap((block) => block.paragraphs.flatMap((paragraph) => paragraph.lines))
    .map(({ text, bbox, words }) => ({
      text: text.trim(),
      bbox,
      words: words.map((word) => ({ text: word.text, confidence: word.confidence, bbox: word.bbox })),
    }));

/** Tesseract, started by the first image and kept until it is closed. */
export const tesseract = (): Reader => {
  let started: ReturnType<typeof start> | undefined;
  const start = () =>
    createWorker('eng', OEM.LSTM_ONLY, {
      langPath: languageData,
      cacheMethod: 'none',
      gzip: true,
      errorHandler: () => {},
    });

  return {
    async read(image) {
      started ??= start();
      const worker = await started;
      const { data } = await decoding('The image', () => worker.recognize(image, {}, { text: true, blocks: true }));
      return { text: data.text.trim(), confidence: data.confidence, lines: linesOf(data) };
    },
    async close() {
      await (await started)?.terminate();
    },
  };
};
