// The functions of the bundle, each made anew in each container.
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { controlRoutes } from '../../../functions/control-job.ts';
import { type CallbackRecord, deliverOne } from '../../../functions/deliver-callback.ts';
import { followBatch } from '../../../functions/follow-mirror.ts';
import { readRoutes } from '../../../functions/read-jobs.ts';
import { callbackRoutes } from '../../../functions/receive-callback.ts';
import { ChainTask, runChain } from '../../../functions/run-chain.ts';
import { type HttpLambda, httpFunction } from '../../../functions/runtime/http.ts';
import type { HttpFunction } from '../../../functions/runtime/routes.ts';
import { sendReleased } from '../../../functions/send-job.ts';
import { sessionRoutes } from '../../../functions/session.ts';
import { submitRoutes } from '../../../functions/submit-job.ts';
import { sweepJobs } from '../../../functions/sweep-jobs.ts';
import type { Faults } from '../faults.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Container, Lambda } from '../kernel/lambda.ts';
import type { Makers } from './dependencies.ts';
import { functionTimeoutSeconds, sweepTimeoutSeconds } from './settings.ts';

type Follow = (records: DynamoDBRecord[]) => Promise<DynamoDBBatchResponse>;

export const functionsOf = (
  lambda: Lambda,
  { depsIn, httpDepsIn, deliveryDepsIn }: Makers,
  { faults, chance }: { faults: Faults; chance: Chance },
) => {
  const timeoutSeconds = functionTimeoutSeconds;
  const answering = (name: HttpFunction, make: (container: Container) => HttpLambda) =>
    lambda({ name, timeoutSeconds, make });
  const http = {
    'submit-job': answering('submit-job', (c) => httpFunction('submit-job', submitRoutes, httpDepsIn(c))),
    'control-job': answering('control-job', (c) => httpFunction('control-job', controlRoutes, httpDepsIn(c))),
    'read-jobs': answering('read-jobs', (c) => httpFunction('read-jobs', readRoutes, httpDepsIn(c))),
    session: answering('session', (c) => httpFunction('session', sessionRoutes, httpDepsIn(c))),
    'receive-callback': answering('receive-callback', (c) =>
      httpFunction('receive-callback', callbackRoutes, httpDepsIn(c)),
    ),
  };
  return {
    http,
    sendJob: lambda({
      name: 'send-job',
      timeoutSeconds,
      make: (container) => {
        const deps = depsIn(container);
        return (body: string) => sendReleased(body, deps);
      },
    }),
    deliverCallback: lambda({
      name: 'deliver-callback',
      timeoutSeconds,
      make: (container) => {
        const deps = deliveryDepsIn(container);
        return (record: CallbackRecord) => deliverOne(record, deps);
      },
    }),
    followMirror: lambda<Follow>({
      name: 'follow-mirror',
      timeoutSeconds,
      make: (container) => {
        const deps = { ...depsIn(container), fail: () => {} };
        return (records) => followBatch(records, deps);
      },
    }),
    runChain: lambda({
      name: 'run-chain',
      timeoutSeconds,
      make: (container) => {
        const deps = depsIn(container);
        return (task: unknown) => runChain(ChainTask.parse(task), deps);
      },
    }),
    sweepJobs: lambda({
      name: 'sweep-jobs',
      timeoutSeconds: sweepTimeoutSeconds,
      make: (container) => {
        const deps = depsIn(container);
        return (owner: string) => sweepJobs(deps, owner);
      },
      skew: () => (faults.strikes('clock-skew') ? chance.between(-300_000, 300_000) : 0),
    }),
  };
};
