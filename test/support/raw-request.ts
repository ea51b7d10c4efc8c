// Requests whose target goes out untouched, whatever it contains.
import { request as httpRequest } from 'node:http';

export type RawReply = { status: number; headers: Record<string, string>; text: string };

export type RawRequest = {
  method: string;
  /** Behind the base URL: path and query. */
  target: string;
  headers?: Record<string, string>;
  body?: string;
};

export const rawRequest = (
  baseUrl: string,
  { method, target, headers = {}, body = '' }: RawRequest,
): Promise<RawReply> =>
  new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(baseUrl);
    const request = httpRequest({ hostname, port, path: pathname + target, method, headers }, async (response) => {
      const text = Buffer.concat(await Array.fromAsync(response)).toString();
      const names = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
      resolve({ status: response.statusCode ?? 0, headers: Object.fromEntries(names), text });
    });
    request.on('error', reject);
    request.end(body);
  });
