// The caller's side of a callback: a server on this machine that is told of a job's end, and checks who says so.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { poll } from './poll.ts';

const told = z.object({ id: z.string(), status: z.string() });

export interface Receiver extends AsyncDisposable {
  /** What a submission names as its `callback_url`. */
  readonly url: string;
  /** What it was told of a job, in a sentence; undefined when it was told nothing whose signature holds. */
  awaitCallback(jobId: string): Promise<string | undefined>;
}

const seconds = 30;

/** Acknowledges only what is signed with `secret`. */
export const startReceiver = async (secret: string): Promise<Receiver> => {
  const statuses = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    try {
      const { id, status } = told.parse(
        new Webhook(secret).verify(body, z.record(z.string(), z.string()).parse(request.headers)),
      );
      statuses.set(id, status);
      response.writeHead(204).end();
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`;
  return {
    url,
    awaitCallback: async (jobId) => {
      const what = `a callback of job ${jobId}`;
      const status = await poll(async () => statuses.get(jobId), { seconds, everyMs: 100, what }).catch(
        () => undefined,
      );
      return status && `The caller of ${jobId} was told that it is ${status}, by a POST whose signature holds.`;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
