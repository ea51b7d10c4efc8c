import type { Page } from '../rules/list.ts';
import { contentRange, maxLimit } from '../rules/list.ts';
import { Refusal } from '../rules/refusal.ts';
import { leiaJson } from '../rules/wire.ts';
import { problemOf } from './problem.ts';

export const jsonText = (text: string, headers: Record<string, string> = {}): Response =>
  new Response(text, { status: 200, headers: { 'content-type': 'application/json', ...headers } });

export const json = (value: unknown): Response => jsonText(leiaJson(value));

export const noContent = (): Response => new Response(null, { status: 204 });

/** A page with its headers; an empty one is a 404 that still says `0-0/0` (contract §2.3). */
export const pageAnswer = <T>(what: string, page: () => Page<T>, show: (row: T) => string): Response => {
  const accept = { 'accept-range': `${what} ${maxLimit}` };
  try {
    const found = page();
    return jsonText(`[${found.rows.map(show).join(',')}]`, { ...accept, 'content-range': contentRange(found) });
  } catch (error) {
    const empty = error instanceof Refusal && error.status === 404;
    return problemOf(error, empty ? { ...accept, 'content-range': '0-0/0' } : {});
  }
};
