// `npx leia-jobs` on the emulated AWS: the program as a person starts it, the deployed functions behind it.
import { randomUUID } from 'node:crypto';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SendMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { attributesOf, jobKey } from '../../functions/adapters/job-items.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { aJob } from '../support/jobs.ts';
import { newId } from '../support/new-id.ts';
import { emulatedGround } from './support/emulated-ground.ts';
import { atLeia, awaitStatus, type Client, eventually, logIn } from './support/ground.ts';
import { leiaJobs } from './support/leia-jobs.ts';

const ground = emulatedGround();
const { leia, mirror } = ground;
const flow = inject('flow');
const name = flow.serviceStack.replace(/-service$/, '');
const options = { endpoint: flow.aws.endpoint, region: flow.aws.region, credentials: flow.aws.credentials };
const lambda = new LambdaClient(options);
const sqs = new SQSClient(options);
const s3 = new S3Client({ ...options, forcePathStyle: true });

afterEach(() => leia.reset());

const answered = async <T = Record<string, unknown>>(...args: string[]): Promise<T> => {
  const { code, out, err } = await leiaJobs(...args, '--json');
  expect({ code, err }).toEqual({ code: 0, err: expect.any(String) });
  return JSON.parse(out) as T;
};

const outputs = async (): Promise<Map<string, string>> => {
  const client = new CloudFormationClient(options);
  const stacks = await Promise.all(
    [flow.stateStack, flow.serviceStack].map((StackName) => client.send(new DescribeStacksCommand({ StackName }))),
  );
  const all = stacks.flatMap(({ Stacks = [] }) => Stacks.flatMap(({ Outputs = [] }) => Outputs));
  return new Map(all.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
};

let found: Map<string, string>;
let client: Client;
let document: string;

beforeAll(async () => {
  found = await outputs();
  client = await logIn(ground.baseUrl, ground.apiKey);
  document = await client.upload();
});

const submitted = async (): Promise<string> =>
  String((await client.post(`/document/${document}/transform/text`)).json.id);

const queueOf = (key: string): string => found.get(key) ?? '';
const put = (QueueUrl: string, body: object) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));

type Queues = { queues: { name: string; waiting: number }[] };
const waitingIn = async (queue: string): Promise<number | undefined> =>
  (await answered<Queues>('status', '--no-leia')).queues.find((one) => one.name === queue)?.waiting;

describe('leia-jobs', () => {
  it('shows a deployment and a job as they are', async () => {
    await leia.holdJobs(true);
    const id = await submitted();
    const status = await answered('status');
    expect(status).toMatchObject({
      deployment: `${name} in account 000000000000, ${flow.aws.region}`,
      service_deployed: true,
      unknown: [],
      set_aside: { count: 0 },
    });
    const { applications } = status as { applications: { leia: object; lanes: { sent?: { count: number } } }[] };
    expect(applications.map(({ leia: seen }) => seen)).toContainEqual({
      leia: 'answers',
      milliseconds: expect.any(Number),
    });
    expect(applications.some(({ lanes }) => (lanes.sent?.count ?? 0) > 0)).toBe(true);
    const job = await answered('job', id);
    expect(job).toMatchObject({ record: { id, stage: 'bound', status: 'READY' }, lane: { lane: 'sent' } });
    const text = (await leiaJobs('job', id)).out;
    expect(text).toContain('LEIA has it: READY');
    expect((await leiaJobs('status')).out).toMatch(/sent: in flight at LEIA +\d/);
  });

  it('says in a line what is wrong, and fails', async () => {
    expect(await leiaJobs('job', newId())).toMatchObject({
      code: 1,
      err: expect.stringMatching(/error: no job .* is known/),
    });
    const other = await leiaJobs('status', '--name', 'no-such');
    expect(other).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^error: there is no stack no-such-state in .*\n$/),
    });
  });

  it('sweeps: a lost callback is made up for', async () => {
    await leia.callbackRule({ action: 'drop', times: 1 });
    const id = await submitted();
    await eventually('the end at LEIA', async () =>
      (await atLeia(ground, id))[0]?.status === 'PROCESSED' ? true : undefined,
    );
    await ground.pass(2);
    const summaries = await answered<{ lanes: object }[]>('sweep');
    expect(summaries[0]?.lanes).toHaveProperty('sent');
    expect((await mirror.job(id))?.status).toBe('PROCESSED');
  });

  it('cancels by filter, at LEIA as well, once it is told to', async () => {
    await leia.holdJobs(true);
    const began = instant(Date.now() - 1);
    const ids = [await submitted(), await submitted()];
    const preview = await leiaJobs('cancel', '--created-after', began, '--dry-run');
    expect(preview.out).toMatch(/^2 jobs\n.*\n2 +cancel at LEIA/);
    expect(await leiaJobs('cancel', '--created-after', began)).toMatchObject({
      code: 1,
      err: expect.stringContaining('error: nobody is here to confirm this'),
    });
    expect((await mirror.job(ids[0] ?? ''))?.status).toBe('READY');
    const { repairs } = await answered<{ repairs: object[] }>('cancel', '--created-after', began, '--yes');
    expect(repairs).toEqual(ids.map((job_id) => ({ job_id, outcome: 'cancelled', status: 'CANCELED' })));
    for (const id of ids) expect((await atLeia(ground, id))[0]?.status).toBe('CANCELED');
  });

  it('resubmits a FAILED job as a new one, which ends well', async () => {
    await leia.holdJobs(true);
    const id = await submitted();
    await leia.forceJob((await atLeia(ground, id))[0]?.id ?? '', { status: 'FAILED', reason: 'ill' });
    await awaitStatus(client, id, ['FAILED']);
    await leia.holdJobs(false);
    const { repairs } = await answered<{ repairs: { new_job_id: string }[] }>('resubmit', id, '--yes');
    const successor = repairs[0]?.new_job_id ?? '';
    expect(await awaitStatus(client, successor)).toMatchObject({ status: 'PROCESSED', document_ids: [document] });
    expect(await mirror.job(id)).toMatchObject({ status: 'FAILED', reason: 'ill' });
  });
});

describe('a redrive', () => {
  /** Functions and queues as a fault would have them, and then again as they were. */
  const sendJob = `${name}-send-job`;
  const variables = async (): Promise<Record<string, string>> => {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: sendJob }));
    return Environment?.Variables ?? {};
  };
  const setVariables = (Variables: Record<string, string>) =>
    lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: sendJob, Environment: { Variables } }));
  const setVisibility = (seconds: number) =>
    sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: queueOf('QueueUrl'),
        Attributes: { VisibilityTimeout: String(seconds) },
      }),
    );

  it('of dead letters has the jobs sent that a broken send-job could not send', async () => {
    // Unsent, and not the sweep's before long.
    await leia.fault({ path: '/transform/', times: 1, answer: 503 });
    const id = await submitted();
    expect((await mirror.job(id))?.stage).toBe('unsent');
    const before = await variables();
    await setVariables({ ...before, TABLE_NAME: 'no-such-table' });
    await setVisibility(1);
    try {
      await answered('resubmit', id, '--yes');
      await eventually(
        'the dead letter',
        async () => ((await waitingIn('dead submissions')) === 1 ? true : undefined),
        60,
      );
    } finally {
      await setVariables(before);
      await setVisibility(120);
    }
    const preview = await answered<{ found: object[] }>('redrive', 'submissions', '--dry-run');
    expect(preview.found).toMatchObject([{ name: 'submissions', count: 1, sample: [id] }]);
    await ground.pass(3);
    const { redriven } = await answered<{ redriven: object[] }>('redrive', 'submissions', '--yes');
    expect(redriven).toEqual([{ source: 'submissions', redriven: 1, failures: [] }]);
    expect((await awaitStatus(client, id)).status).toBe('PROCESSED');
    expect(await atLeia(ground, id)).toHaveLength(1);
    expect(await waitingIn('dead submissions')).toBe(0);
  });

  const mapping = async () => {
    const listed = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: `${name}-follow-mirror` }));
    return listed.EventSourceMappings?.[0]?.UUID ?? '';
  };
  const follow = async (Enabled: boolean) =>
    lambda.send(new UpdateEventSourceMappingCommand({ UUID: await mapping(), Enabled }));

  /** The object that Lambda writes of a batch that it gives up (docs/ministack.md: MiniStack writes none). */
  const setAside = async (payload: string): Promise<string> => {
    const time = new Date().toISOString();
    const day = time.slice(0, 10);
    const stamp = `${day}T${time.slice(11, 19).replaceAll(':', '.')}`;
    const Key = `aws/lambda/${await mapping()}/shardId-0001/${day.replaceAll('-', '/')}/${stamp}-${randomUUID()}`;
    const invocation = {
      requestContext: { requestId: randomUUID(), condition: 'RetryAttemptsExhausted', approximateInvokeCount: 11 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: time,
      DDBStreamBatchInfo: { shardId: 'shardId-0001', batchSize: 1 },
      payload,
    };
    const Bucket = found.get('BucketName') ?? '';
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: JSON.stringify(invocation) }));
    return Key;
  };
  const kept = async (): Promise<(string | undefined)[]> => {
    const { Contents = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: found.get('BucketName') ?? '', Prefix: 'aws/lambda/' }),
    );
    return Contents.map(({ Key }) => Key);
  };
  const imageOf = (job: JobRecord) =>
    marshall({ ...jobKey(job.id), ...attributesOf(job, 4) }, { removeUndefinedValues: true });

  it('of a failed batch has its changes followed, and deletes it; one that fails again stays', async () => {
    await follow(false);
    try {
      const id = await submitted();
      await awaitStatus(client, id);
      const after = await mirror.job(id);
      if (!after) throw new Error('no job');
      expect(after.follow_up_due).toBeDefined();
      const { follow_up_due: _due, finished_time: _end, ...rest } = after;
      const before: JobRecord = { ...rest, status: 'READY', finished_time: null };
      const record = {
        eventID: randomUUID(),
        eventName: 'MODIFY',
        eventSource: 'aws:dynamodb',
        dynamodb: {
          Keys: marshall(jobKey(id)),
          OldImage: imageOf(before),
          NewImage: imageOf(after),
          SequenceNumber: '1',
        },
      };
      await setAside(JSON.stringify({ Records: [record] }));
      const broken = { ...record, dynamodb: { ...record.dynamodb, NewImage: { pk: { S: 'JOB#x' } } } };
      const poison = await setAside(JSON.stringify({ Records: [broken] }));
      expect(await answered('status', '--no-leia')).toMatchObject({ set_aside: { count: 2 } });
      const ran = await leiaJobs('redrive', 'changes', '--yes');
      expect(ran.out).toContain('changes: 1 redriven');
      expect(ran.out).toContain(poison);
      expect(ran.code).toBe(1);
      expect((await mirror.job(id))?.follow_up_due).toBeUndefined();
      expect(await kept()).toEqual([poison]);
      await s3.send(new DeleteObjectCommand({ Bucket: found.get('BucketName') ?? '', Key: poison }));
    } finally {
      await follow(true);
    }
  });

  it('of deaths that nobody heard of ends their jobs, and of missed sweeps sweeps', async () => {
    const id = newId();
    await mirror.create(
      aJob({ id, submitter_id: newId(), job_type: 'conditional', stage: 'chained', status: 'PROCESSING' }),
    );
    await put(queueOf('UnheardDeathsQueueUrl'), { requestPayload: { action: 'execution-ended', job_id: id } });
    await put(queueOf('MissedSweepsQueueUrl'), {});
    const { redriven } = await answered<{ redriven: object[] }>('redrive', 'unheard-deaths', 'missed-sweeps', '--yes');
    expect(redriven).toEqual(
      expect.arrayContaining([
        { source: 'unheard-deaths', redriven: 1, failures: [] },
        { source: 'missed-sweeps', redriven: 1, failures: [] },
      ]),
    );
    expect((await mirror.job(id))?.status).toBe('FAILED');
  });
});
