import { addDocument, changeDocument, type DocumentFilter, findDocument, listDocuments } from '../rules/documents.ts';
import type { LeiaDocument } from '../rules/model.ts';
import { badRequest, Refusal } from '../rules/refusal.ts';
import { showDocument } from '../rules/show.ts';
import { leiaJson } from '../rules/wire.ts';
import { resized } from '../worker/images.ts';
import { json, noContent, pageAnswer } from './answer.ts';
import type { Leia, LeiaApp, LeiaContext, Standing } from './leia.ts';
import { adminOf, callerOf, ownerOf, pathPart, route, twin } from './leia.ts';
import { createdOf, integer, pagingOf, queryOf, scalar } from './query.ts';

const filterOf = (query: URLSearchParams): DocumentFilter => ({
  documentId: scalar(query, 'document_id'),
  filename: scalar(query, 'filename'),
  extension: scalar(query, 'extension'),
  mimeType: scalar(query, 'mime_type'),
  originalId: scalar(query, 'original_id'),
  tags: query.getAll('tags'),
  ...createdOf(query),
});

const filters = [
  'document_id',
  'application_id',
  'filename',
  'extension',
  'mime_type',
  'original_id',
  'tags',
  'created_after',
  'created_before',
];

const list = (leia: Leia, c: LeiaContext, applicationId: string | undefined): Response => {
  const query = queryOf(c);
  if (!filters.some((name) => query.has(name))) throw new Refusal(403, 'At least one filter must be applied');
  const filter = { ...filterOf(query), applicationId };
  const page = () => listDocuments(leia.world, filter, scalar(query, 'sort'), pagingOf(query));
  return pageAnswer('document', page, (document) => leiaJson(showDocument(document)));
};

/** The body arrives chunked or with its length, raw or base64. */
const upload = async (leia: Leia, c: LeiaContext, standing: Standing): Promise<Response> => {
  const query = queryOf(c);
  const filename = scalar(query, 'filename');
  if (!filename) throw badRequest('filename: is required');
  const sent = Buffer.from(await c.req.arrayBuffer());
  const base64 = scalar(query, 'b64')?.toLowerCase() === 'true';
  const content = base64 ? Buffer.from(sent.toString('latin1'), 'base64') : sent;
  const tags = query.getAll('tags');
  const kept = addDocument(leia.world, ownerOf(leia, standing), {
    filename,
    ttlSeconds: integer(query, 'ttl'),
    tags,
    content,
  });
  return json(showDocument(kept));
};

const contents = async (document: LeiaDocument, query: URLSearchParams): Promise<Response> => {
  const maxSize = integer(query, 'max_size');
  const quality = integer(query, 'jpeg_compression');
  const asked = maxSize !== undefined || quality !== undefined;
  const body =
    asked && document.mime_type.startsWith('image/')
      ? await resized(document.content, maxSize, quality)
      : document.content;
  return new Response(Buffer.from(body), { headers: { 'content-type': 'application/octet-stream' } });
};

const setTag = (document: LeiaDocument, tag: string, on: boolean): Response => {
  document.tags = [...document.tags.filter((other) => other !== tag), ...(on ? [tag] : [])];
  return json(showDocument(document));
};

const allTags = (leia: Leia, applicationId: string | undefined): Response => {
  const owned = [...leia.world.documents.values()].filter(
    ({ application_id }) => applicationId === undefined || application_id === applicationId,
  );
  const tags = [...new Set(owned.flatMap((document) => document.tags))].sort();
  if (tags.length === 0) throw new Refusal(404, 'Tags not found');
  return json(tags);
};

/** Upload, read, change, tag, list, download and delete (OpenAPI, tag `document`). */
export const addDocumentRoutes = (leia: Leia, app: LeiaApp): void => {
  const { world } = leia;
  const found = (c: LeiaContext, { subjectId, admin }: Standing): LeiaDocument =>
    findDocument(world, subjectId, admin, pathPart(c, 'document_id'));

  route(app, '/admin/document', {
    GET: (c) => adminOf(leia, c) && list(leia, c, scalar(queryOf(c), 'application_id')),
  });
  route(app, '/admin/document/tag', {
    GET: (c) => adminOf(leia, c) && allTags(leia, scalar(queryOf(c), 'application_id')),
  });
  route(app, '/document/tag', { GET: (c) => allTags(leia, callerOf(leia, c).id) });
  twin(leia, app, '/document', {
    POST: (c, standing) => upload(leia, c, standing),
    GET: (c, standing) => list(leia, c, standing.subjectId),
  });
  twin(leia, app, '/document/:document_id', {
    GET: (c, standing) => json(showDocument(found(c, standing))),
    PATCH: (c, standing) => {
      const [document, query] = [found(c, standing), queryOf(c)];
      const change = { rotationAngle: integer(query, 'rotation_angle'), ttlSeconds: integer(query, 'ttl') };
      changeDocument(world, document, { ...change, filename: scalar(query, 'filename') });
      return json(showDocument(document));
    },
    DELETE: (c, standing) => {
      world.documents.delete(found(c, standing).id);
      return noContent();
    },
  });
  twin(leia, app, '/document/:document_id/file_contents', {
    GET: (c, standing) => contents(found(c, standing), queryOf(c)),
  });
  twin(leia, app, '/document/:document_id/tag/:tag', {
    POST: (c, standing) => setTag(found(c, standing), pathPart(c, 'tag'), true),
    DELETE: (c, standing) => setTag(found(c, standing), pathPart(c, 'tag'), false),
  });
};
