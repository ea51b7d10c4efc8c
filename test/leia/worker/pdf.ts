import { type PDFiumDocument, PDFiumLibrary } from '@hyzyla/pdfium';
import sharp from 'sharp';
import { decoding } from './bad-input.ts';

/** 200 dpi: small print is still read well, and a page takes about a second to read. */
const scale = 200 / 72;

let library: Promise<PDFiumLibrary> | undefined;

const withPdf = async <T>(content: Uint8Array, use: (pdf: PDFiumDocument) => Promise<T>): Promise<T> => {
  library ??= PDFiumLibrary.init();
  const pdfium = await library;
  return decoding('The PDF', async () => {
    const pdf = await pdfium.loadDocument(content);
    try {
      return await use(pdf);
    } finally {
      pdf.destroy();
    }
  });
};

/** Every page of a PDF as a PNG: as a JPEG of that quality if one is given. */
export const renderPages = (content: Uint8Array, jpegQuality?: number): Promise<Buffer[]> =>
  withPdf(content, async (pdf) => {
    const pages: Buffer[] = [];
    for (const page of pdf.pages()) {
      const { data, width, height } = await page.render({ scale, render: 'bitmap' });
      const image = sharp(data, { raw: { width, height, channels: 4 } })
        .flatten({ background: 'white' })
        .withMetadata({ density: 200 });
      pages.push(await (jpegQuality === undefined ? image.png() : image.jpeg({ quality: jpegQuality })).toBuffer());
    }
    return pages;
  });

/** The text that a PDF carries, page by page; empty strings for scanned pages. */
export const pdfText = (content: Uint8Array): Promise<string[]> =>
  withPdf(content, async (pdf) => [...pdf.pages()].map((page) => page.getText().replaceAll('\r\n', '\n').trim()));
