// Functions that nobody waits for, down every error path.
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord, SQSEvent } from 'aws-lambda';
import { describe, it } from 'vitest';
import { attributesOf, jobKey } from '../../../functions/adapters/job-items.ts';
import { type CallbackRecord, deliverOne } from '../../../functions/deliver-callback.ts';
import { followBatch } from '../../../functions/follow-mirror.ts';
import type { JobRecord } from '../../../functions/jobs/job.ts';
import { repairJobs } from '../../../functions/repair-jobs.ts';
import { ChainTask, runChain } from '../../../functions/run-chain.ts';
import { wired } from '../../../functions/runtime/wired.ts';
import { sendBatch } from '../../../functions/send-job.ts';
import { sweepJobs } from '../../../functions/sweep-jobs.ts';
import { lambdaContext } from '../../support/gateway.ts';
import { despiteAccidents } from './accidents.ts';
import { HEADER, note, RESULT, secrets } from './secrets.ts';
import { despiteLeia, type Stage, stepOf } from './stage.ts';

export const backgroundCanaries = (stage: () => Stage): void => {
  describe('functions that nobody waits for', () => {
    it('sweep-jobs', async () => {
      const sweep = () => wired(() => () => sweepJobs(stage().deps, 'canary'))();
      const pass = async (): Promise<void> => {
        await stage().bundle.pass(10);
        await sweep();
      };
      await despiteAccidents(pass);
      await despiteLeia(stage(), pass);
    }, 120_000);

    it('send-job', async () => {
      const send = wired(() => sendBatch(stage().deps));
      const message = (body: string): SQSEvent =>
        ({ Records: [{ messageId: 'm-1', body }] }) as Partial<SQSEvent> as SQSEvent;
      const { json } = await stage().client.post(`/document/${stage().document}/transform/text`, {
        callback_headers: { a: HEADER },
      });
      const unsent = (await stage().bundle.mirror.job(String(json.id)))?.id ?? '';
      for (const body of [JSON.stringify({ job_id: unsent }), JSON.stringify({ job_id: 'f'.repeat(24) })]) {
        await despiteAccidents(() => send(message(body), lambdaContext()));
        await despiteLeia(stage(), () => send(message(body), lambdaContext()));
      }
      await send(message(`${RESULT} is no JSON`), lambdaContext()).catch(() => undefined);
      await send(message(JSON.stringify({ job: RESULT })), lambdaContext()).catch(() => undefined);
    });

    it('deliver-callback', async () => {
      const deliver = wired(() => (record: CallbackRecord) => deliverOne(record, stage().deps));
      const message = (body: string, tries = 1): CallbackRecord =>
        ({ body, receiptHandle: 'r-1', attributes: { ApproximateReceiveCount: String(tries) } }) as CallbackRecord;
      await despiteAccidents(() => deliver(message(JSON.stringify({ job_id: stage().job }))));
      for (const tries of [1, 3])
        await deliver(message(JSON.stringify({ job_id: stage().job }), tries)).catch(() => undefined);
      await deliver(message(`${RESULT} is no JSON`)).catch(() => undefined);
    });

    it('follow-mirror', async () => {
      const follow = wired(() => (records: DynamoDBRecord[]) => followBatch(records, stage().deps));
      const image = (record: JobRecord, given: object = {}) =>
        marshall({ ...attributesOf(record, 1), ...jobKey(record.id), ...given }, { removeUndefinedValues: true });
      const record = (before: JobRecord, after: JobRecord, given: object = {}): DynamoDBRecord[] => [
        {
          eventID: 'e-1',
          dynamodb: {
            SequenceNumber: '1',
            Keys: marshall(jobKey(after.id)),
            OldImage: image(before),
            NewImage: image(after, given),
          },
        } as DynamoDBRecord,
      ];
      const step = await stepOf(stage().bundle, stage().chain);
      if (!step) throw new Error('no step');
      const ended: JobRecord = {
        ...step,
        status: 'PROCESSED',
        result: RESULT,
        result_type: 'object',
        follow_up_due: step.observed_at,
      };
      await despiteAccidents(() => follow(record(step, ended)));
      for (const given of [{ status: RESULT }, { task_token: 1, result: RESULT }, { request: RESULT, version: RESULT }])
        await follow(record(step, ended, given)).catch(() => undefined);
    });

    it('run-chain', async () => {
      const run = wired(() => (task: unknown) => runChain(ChainTask.parse(task), stage().deps));
      const [token] = [...secrets].find(([, what]) => what === 'a task token') ?? [''];
      const step = { job_id: stage().chain, rule: 0, entry: 0, task_token: token };
      const tasks: unknown[] = [
        { action: 'evaluate', job_id: stage().chain },
        { action: 'run-step', ...step },
        { action: 'run-step', ...step, entry: 7 },
        { action: 'complete', job_id: stage().chain },
        { action: 'run-step', ...step, rule: RESULT },
        { action: RESULT, ...step },
      ];
      for (const task of tasks) {
        await despiteAccidents(() => run(task));
        await run(task).catch(() => undefined);
      }
      await despiteAccidents(() => run({ action: 'execution-ended', job_id: stage().chain }));
    });

    it('run-chain, on a result that is broken', async () => {
      const { json } = await stage().client.post(`/job/conditional/${stage().job}`, {
        rules: { a: { conditions: { x: 1 }, jobs: [] } },
      });
      const torn = { ...stage().deps, mirror: { ...stage().deps.mirror, result: async () => `{"text": "${RESULT}` } };
      await wired(() => () => runChain({ action: 'evaluate', job_id: String(json.id) }, torn))().catch(() => undefined);
    });

    it('repair-jobs', async () => {
      const repair = async (action: 'cancel' | 'resubmit'): Promise<void> =>
        note(
          'answer of a repair',
          await wired(() => () => repairJobs({ action, job_ids: [stage().chain, stage().job] }, stage().deps))(),
        );
      await despiteAccidents(() => repair('resubmit'));
      await despiteLeia(stage(), () => repair('cancel'));
    });
  });
};
