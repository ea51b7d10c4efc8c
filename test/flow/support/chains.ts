// What journeys of conditional jobs are made of: rules and entries as clients write them, chains and their children.
import { expect } from 'vitest';
import { MODEL } from '../../support/jobs.ts';
import { awaitStatus, type Client, eventually, type Ground, logIn } from './ground.ts';

export type Entry = Record<string, unknown>;
export type Child = { id: string; status: string; execute_after_id: string; parent_job_id: string };

export const transform = (output_type: string, given: Entry = {}): Entry => ({
  job_type: 'transform',
  output_type,
  ...given,
});
export const classify = (given: Entry = {}): Entry => ({
  job_type: 'apply_model',
  model_id: MODEL,
  format_type: 'classification',
  ...given,
});
export const rule = (conditions: object, ...jobs: Entry[]) => ({ conditions, jobs });
export const always = {};

/** Submits chains, and looks at what became of them. */
export const chainsOn = (ground: () => Ground) => {
  const ready = async () => {
    const client = await logIn(ground().baseUrl, ground().apiKey);
    return { client, document: await client.upload() };
  };
  const submit = async (client: Client, path: string, body: object = {}): Promise<string> => {
    const reply = await client.post(path, body);
    expect([reply.status, reply.json.detail]).toEqual([200, undefined]);
    return String(reply.json.id);
  };
  /** A classification of a document: `invoice`, 0.97, unless a script says otherwise. */
  const classified = (client: Client, document: string, body: object = {}) =>
    submit(client, `/model/${MODEL}/apply/${document}`, { format_type: 'classification', ...body });
  const conditional = (client: Client, trigger: string, rules: object, more: object = {}) =>
    submit(client, `/job/conditional/${trigger}`, { rules, ...more });
  const childrenOf = async (id: string): Promise<Child[]> => (await ground().mirror.children(id)) as unknown as Child[];
  const boundChildOf = (id: string) =>
    eventually('the child to be bound', async () =>
      (await ground().mirror.children(id)).find((one) => one.stage === 'bound'),
    );
  const resultOf = async (client: Client, id: string) => {
    const job = await awaitStatus(client, id);
    expect(job).toMatchObject({ status: 'PROCESSED', result_type: 'conditional', reason: null });
    return job.result as Record<string, { result_type: string; result: unknown; job_id: string; job_type: string }[]>;
  };
  return { ready, submit, classified, conditional, childrenOf, boundChildOf, resultOf };
};
