// How much memory one list request needs at most (issue: size), each in a process of its own: everything that it has,
// Node and the AWS SDK included, as Lambda counts it.
import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { z } from 'zod';
import { indexAtSize } from './index-at-size.ts';

/** Heap that leaves room for what is beside it: 512 MB in all. */
const HEAP_MEGABYTES = 400;
/** As large as LEIA's answers are let in. */
const LARGEST_RESULT = 32_000_000;

export interface MemoryFigure {
  readonly list: string;
  readonly megabytes: number;
  /** What it answered: `Content-Range`. */
  readonly range: string;
}

const lists = [
  { list: '100000 jobs, newest first', query: 'sort=-creation_time', largeResults: false },
  {
    list: '100000 jobs, by four fields',
    query: 'sort=job_type,-status,document_ids,finished_time',
    largeResults: false,
  },
  { list: '100 results of 32 MB', query: 'limit=100&offset=99000', largeResults: true },
] as const;

const Taken = z.object({ megabytes: z.number(), range: z.string() });

export const memoryOfLists = async (): Promise<MemoryFigure[]> => {
  const figures: MemoryFigure[] = [];
  for (const { list, query, largeResults } of lists) {
    const shards = 4;
    const table = indexAtSize({ jobs: 100_000, shards, millisPerRequest: 0, largeResults });
    await using address = await served(table.client.requestHandler.handle);
    const script = join(import.meta.dirname, 'one-list.ts');
    const args = [
      `--max-old-space-size=${HEAP_MEGABYTES}`,
      script,
      address.url,
      String(shards),
      table.submitter,
      query,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    figures.push({ list, ...Taken.parse(JSON.parse(stdout)) });
  }
  return figures;
};

type Handle = ReturnType<typeof indexAtSize>['client']['requestHandler']['handle'];

/** The table as it is over HTTP, and a bucket whose every object is as large as results come. */
const served = async (handle: Handle): Promise<AsyncDisposable & { url: string }> => {
  const large = Buffer.from(JSON.stringify({ text: 'x'.repeat(LARGEST_RESULT) }));
  const answer = async (request: IncomingMessage): Promise<{ headers: Record<string, string>; body: Buffer }> => {
    if (request.method === 'GET') return { headers: { 'content-type': 'application/json' }, body: large };
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    return (await handle({ headers, body: await buffer(request) })).response;
  };
  const server = createServer((request, response) => {
    answer(request).then(
      ({ headers, body }) => response.writeHead(200, { ...headers, 'content-length': body.byteLength }).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
