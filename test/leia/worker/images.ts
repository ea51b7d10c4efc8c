import sharp from 'sharp';
import type { LeiaDocument } from '../rules/model.ts';
import { BadInput, decoding } from './bad-input.ts';
import type { Reader } from './ocr.ts';

/** An image in JPEG, its larger side at most `maxSize` (OpenAPI `GET /document/{id}/file_contents`). */
export const resized = (
  content: Uint8Array,
  maxSize: number | undefined,
  quality: number | undefined,
): Promise<Buffer> => {
  const image = sharp(content);
  if (maxSize !== undefined) image.resize({ width: maxSize, height: maxSize, fit: 'inside', withoutEnlargement: true });
  if (quality !== undefined) image.jpeg({ quality });
  return image.toBuffer();
};

/** As it is to be looked at: turned by what its file and its metadata say, in a format that every library reads. */
export const normalized = ({ content, rotation_angle }: LeiaDocument): Promise<Buffer> =>
  decoding('The image', () => sharp(content).autoOrient().rotate(rotation_angle).png().toBuffer());

export const trimmed = (document: LeiaDocument): Promise<Buffer> =>
  decoding('The image', () => sharp(document.content).trim().png().toBuffer());

const formats = ['png', 'jpeg', 'webp', 'tiff'] as const;

/** An image in another format. */
export const transcoded = async (
  document: LeiaDocument,
  wanted: unknown,
): Promise<{ format: string; content: Buffer }> => {
  const format = formats.find((known) => known === wanted);
  if (!format) throw new BadInput(`format: "${String(wanted)}" is not one of ${formats.join(', ')}`);
  return { format, content: await decoding('The image', () => sharp(document.content).toFormat(format).toBuffer()) };
};

/** Wide enough to tell which way up a text is, small enough to be read four times. */
const trialSize = 1000;

/** Turned upright: as its file or its metadata says, or else the way in which it reads best. */
export const autorotated = async (document: LeiaDocument, reader: Reader): Promise<Buffer> => {
  const upright = await normalized(document);
  const { orientation = 1 } = await decoding('The image', () => sharp(document.content).metadata());
  if (orientation !== 1 || document.rotation_angle !== 0) return upright;
  const small = sharp(upright).resize({ width: trialSize, height: trialSize, fit: 'inside', withoutEnlargement: true });
  let best = { angle: 0, confidence: -1 };
  for (const angle of [0, 90, 180, 270]) {
    const { confidence } = await reader.read(await small.clone().rotate(angle).png().toBuffer());
    if (confidence > best.confidence) best = { angle, confidence };
  }
  return best.angle === 0 ? upright : sharp(upright).rotate(best.angle).png().toBuffer();
};
