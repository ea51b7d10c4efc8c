// A deployment as a person sees it and acts on it: what the commands need, and the real one.
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Access } from '../../functions/adapters/access.ts';
import { accessTable } from '../../functions/adapters/access-table.ts';
import { type ChainWatch, chainWatch } from '../../functions/adapters/chains.ts';
import { jobLists } from '../../functions/adapters/job-lists.ts';
import { jobQueries } from '../../functions/adapters/job-queries.ts';
import { largeValues } from '../../functions/adapters/large-values.ts';
import type { Mirror } from '../../functions/adapters/mirror.ts';
import { tableClient } from '../../functions/adapters/table-client.ts';
import { type Deployment, deploymentOf } from './deployment.ts';
import { type Functions, lambdaCalls } from './functions.ts';
import type { Place } from './place.ts';
import { type Queues, sqsQueues } from './queues.ts';
import { type SetAside, s3SetAside } from './set-aside.ts';

/** Jobs and applications are only read here: what changes them are the deployment's own functions. */
export type Site = {
  /** For people: which deployment, and where. */
  says: string;
  isServed: boolean;
  mirror: Omit<Mirror, 'create' | 'createChild' | 'change' | 'dropDependent' | 'withdraw'>;
  access: Pick<Access, 'absence' | 'application' | 'applicationIds' | 'breaker' | 'watermarks'>;
  chains: Pick<ChainWatch, 'running' | 'state'>;
  queues: Queues;
  setAside: SetAside;
  functions: Functions;
  /** Epoch milliseconds. */
  now: () => number;
};

/** @throws Failure, and the SDK's errors */
export const siteOf = async (place: Place, endpoint = place.client.endpoint): Promise<Site> => {
  const deployment = await deploymentOf(place);
  const { client } = place;
  const s3 = new S3Client({ ...client, forcePathStyle: endpoint !== undefined });
  const table = {
    client: tableClient(client),
    tableName: deployment.table,
    shards: deployment.shards,
    values: largeValues({ bucketName: deployment.bucket, s3 }),
  };
  // One attempt, and all the time it needs: a sweep called twice is two sweeps.
  const lambda = new LambdaClient({
    ...client,
    maxAttempts: 1,
    requestHandler: { requestTimeout: 0, socketTimeout: 0 },
  });
  return {
    says: saysOf(place, deployment),
    isServed: deployment.service !== undefined,
    mirror: { ...jobQueries(table), ...jobLists(table) },
    access: accessTable(table),
    chains: chainWatch(new SFNClient(client), deployment.service?.stateMachine ?? ''),
    queues: sqsQueues(new SQSClient(client), deployment.queues),
    setAside: s3SetAside(s3, deployment.bucket),
    functions: lambdaCalls(lambda, deployment.service),
    now: Date.now,
  };
};

const saysOf = ({ stateStack, isLocal, client }: Place, { account, region }: Deployment): string => {
  const name = stateStack.replace(/-state$/, '');
  return isLocal ? `${name}, the local run at ${client.endpoint}` : `${name} in account ${account}, ${region}`;
};
