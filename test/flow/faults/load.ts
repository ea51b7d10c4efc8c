// Clients at work while something goes wrong, and the schedule that sweeps meanwhile.
import { setTimeout as sleep } from 'node:timers/promises';
import pMap from 'p-map';
import { expect } from 'vitest';
import { type Client, type Ground, logIn } from '../support/ground.ts';

export interface Worker extends Client {
  /** Submits a job and gives its id: a client that is answered holds one. */
  submit(body?: object): Promise<string>;
}

export const newWorker = async ({ baseUrl, apiKey }: Ground): Promise<Worker> => {
  const client = await logIn(baseUrl, apiKey);
  const document = await client.upload();
  const submit = async (body: object = {}): Promise<string> => {
    const reply = await client.post(`/document/${document}/transform/text`, body);
    expect(reply.status).toBe(200);
    return String(reply.json.id);
  };
  return { ...client, submit };
};

/** So many jobs, a few at a time. */
export const submitMany = (worker: Worker, count: number, atOnce = 8): Promise<string[]> =>
  pMap(Array.from({ length: count }), () => worker.submit(), { concurrency: atOnce });

/** Submits a job each `everyMs` for so long. @returns their ids, and how long the slowest answer took */
export const submitSteadily = async (
  worker: Worker,
  { seconds, everyMs }: { seconds: number; everyMs: number },
): Promise<{ ids: string[]; slowestMs: number }> => {
  const end = Date.now() + seconds * 1000;
  const answers: Promise<{ id: string; took: number }>[] = [];
  const one = async () => {
    const start = Date.now();
    return { id: await worker.submit(), took: Date.now() - start };
  };
  while (Date.now() < end) {
    answers.push(one());
    await sleep(everyMs);
  }
  const all = await Promise.all(answers);
  return { ids: all.map(({ id }) => id), slowestMs: Math.max(...all.map(({ took }) => took)) };
};

/** Does something while there are sweeps each `everyMs`, as of the schedule. They end with it, however it ends. */
export const whileSweeping = async <T>(ground: Ground, everyMs: number, work: () => Promise<T>): Promise<T> => {
  let on = true;
  const schedule = async (): Promise<void> => {
    while (on) {
      await ground.sweep();
      await sleep(everyMs);
    }
  };
  const sweeping = schedule();
  // Whoever waits for its end hears of a failure; until then it is nobody's unhandled one.
  sweeping.catch(() => undefined);
  try {
    return await work();
  } finally {
    on = false;
    await sweeping;
  }
};
