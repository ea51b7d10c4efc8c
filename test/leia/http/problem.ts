import { STATUS_CODES } from 'node:http';
import { Refusal } from '../rules/refusal.ts';

/** An error as Connexion writes it (contract §1.5). */
export const problem = (status: number, detail: string, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ detail, status, title: STATUS_CODES[status] ?? 'Error', type: 'about:blank' }), {
    status,
    headers: { 'content-type': 'application/problem+json', ...headers },
  });

export const problemOf = (error: unknown, headers: Record<string, string> = {}): Response => {
  if (error instanceof Refusal) return problem(error.status, error.message, headers);
  console.error(error);
  return problem(500, 'The server encountered an internal error');
};
