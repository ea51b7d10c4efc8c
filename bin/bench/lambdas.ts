// The functions from their bundles, called as AWS calls them.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DynamoDBRecord } from 'aws-lambda';
import type { HttpLambda } from '../../functions/runtime/http.ts';
import type { HttpFunction } from '../../functions/runtime/routes.ts';
import type { FunctionName } from '../../lib/bundles.ts';
import { type Answer, lambdaContext, type Sent, send } from '../../test/support/gateway.ts';

/** The module of a bundle below the directory that all of them are written to. */
export const bundleFile = (directory: string, name: FunctionName): string => join(directory, name, 'index.mjs');

export interface Lambdas {
  /** @throws Error for an answer that is no success */
  request(name: HttpFunction, sent: Sent): Promise<Answer>;
  follow(records: DynamoDBRecord[]): Promise<void>;
  sweep(): Promise<void>;
}

type Handler = (event: unknown, context: unknown) => Promise<unknown>;

/** Imports them. They read their settings from the environment at their first call. */
export const loadLambdas = async (bundles: string): Promise<Lambdas> => {
  const load = async (name: FunctionName): Promise<Handler> => {
    const module: { handler: Handler } = await import(pathToFileURL(bundleFile(bundles, name)).href);
    return module.handler;
  };
  const http = new Map<HttpFunction, HttpLambda>();
  for (const name of ['session', 'submit-job', 'read-jobs', 'receive-callback'] as const) {
    http.set(name, (await load(name)) as HttpLambda);
  }
  const followMirror = await load('follow-mirror');
  const sweepJobs = await load('sweep-jobs');
  return {
    request: async (name, sent) => {
      const lambda = http.get(name);
      if (!lambda) throw new Error(`The bench does not know ${name}`);
      const answer = await send(lambda, sent);
      if (answer.status > 299) throw new Error(`${name} answers ${answer.status}: ${answer.text}`);
      return answer;
    },
    follow: async (records) => {
      const reply = await followMirror({ Records: records }, lambdaContext());
      if (JSON.stringify(reply) !== '{"batchItemFailures":[]}') throw new Error('follow-mirror failed: see its log');
    },
    sweep: async () => {
      await sweepJobs({}, lambdaContext());
    },
  };
};
