import { createHash } from 'node:crypto';
import { getMimeType } from 'hono/utils/mime';
import type { Created, Page, Paging } from './list.ts';
import { createdWithin, pageOf, sorted } from './list.ts';
import type { Application, LeiaDocument } from './model.ts';
import { badRequest, notFound, notOwner } from './refusal.ts';
import type { World } from './world.ts';

export type Upload = { filename: string; ttlSeconds: number | undefined; tags: string[]; content: Uint8Array };

const expiry = (world: World, ttlSeconds: number | undefined): number | null => {
  if (ttlSeconds === undefined) return null;
  if (ttlSeconds < 60) throw badRequest('ttl: must not be less than 60 seconds');
  return world.time + ttlSeconds * 1000;
};

/** `my doc.pdf` is kept as name and extension (OpenAPI `POST /document`). */
const splitName = (filename: string): { filename: string; extension: string } => {
  const dot = filename.lastIndexOf('.');
  if (dot <= 0) return { filename, extension: '' };
  return { filename: filename.slice(0, dot), extension: filename.slice(dot + 1).toLowerCase() };
};

/** Keeps an uploaded file for its owner. */
export const addDocument = (world: World, owner: Application, upload: Upload): LeiaDocument => {
  const document: LeiaDocument = {
    id: world.newId(),
    application_id: owner.id,
    creation_time: world.time,
    expiration_time: expiry(world, upload.ttlSeconds),
    ...splitName(upload.filename),
    mime_type: getMimeType(upload.filename.toLowerCase())?.replace(/;.*/, '') ?? 'application/octet-stream',
    md5sum: createHash('md5').update(upload.content).digest('hex'),
    size: upload.content.byteLength,
    original_id: null,
    page: null,
    rotation_angle: 0,
    tags: [...new Set(upload.tags)],
    content: upload.content,
  };
  world.documents.set(document.id, document);
  return document;
};

/** Plain: 403 for a document of another application; for an admin it is not there at all. */
export const findDocument = (world: World, ownerId: string, admin: boolean, id: string): LeiaDocument => {
  const document = world.documents.get(id);
  if (!document || (admin && document.application_id !== ownerId)) throw notFound(`Document ${id} not found`);
  if (document.application_id !== ownerId) throw notOwner('document');
  return document;
};

export const changeDocument = (
  world: World,
  document: LeiaDocument,
  change: { filename?: string | undefined; rotationAngle?: number | undefined; ttlSeconds?: number | undefined },
): void => {
  if (change.filename !== undefined) Object.assign(document, splitName(change.filename));
  if (change.rotationAngle !== undefined) document.rotation_angle = ((change.rotationAngle % 360) + 360) % 360;
  if (change.ttlSeconds !== undefined) document.expiration_time = expiry(world, change.ttlSeconds);
};

export type DocumentFilter = Created & {
  documentId?: string | undefined;
  applicationId?: string | undefined;
  filename?: string | undefined;
  extension?: string | undefined;
  mimeType?: string | undefined;
  originalId?: string | undefined;
  tags: string[];
};

const sortFields = [
  'application_id',
  'filename',
  'extension',
  'mime_type',
  'original_id',
  'page',
  'creation_time',
] as const;

const matches = (document: LeiaDocument, filter: DocumentFilter): boolean => {
  const is = (wanted: string | undefined, value: string | null): boolean => wanted === undefined || wanted === value;
  return (
    is(filter.documentId, document.id) &&
    is(filter.applicationId, document.application_id) &&
    is(filter.filename, document.filename) &&
    is(filter.extension, document.extension) &&
    is(filter.mimeType, document.mime_type) &&
    is(filter.originalId, document.original_id) &&
    filter.tags.every((tag) => document.tags.includes(tag)) &&
    createdWithin(document, filter)
  );
};

/** A page of documents; `documents` are sorted like jobs are (OpenAPI `GET /document`). */
export const listDocuments = (
  world: World,
  filter: DocumentFilter,
  sort: string | undefined,
  paging: Paging,
): Page<LeiaDocument> => {
  const found = [...world.documents.values()].filter((document) => matches(document, filter));
  return pageOf('document', sorted(found, sort, sortFields), paging);
};
