import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../functions/jobs/job.ts';
import { jobHead, jobReply } from '../../functions/runtime/job-reply.ts';
import { aBoundJob, id, seconds, T0 } from '../support/jobs.ts';
import { memoryAnswers } from '../support/memory-answers.ts';

const now = () => T0 + seconds(7);
const ended = (given: Partial<JobRecord> = {}) =>
  aBoundJob({ status: 'PROCESSED', result_type: 'object', observed_via: 'callback', ...given });

/** The answer when the result is as given, and what lies at the address that it names. */
const reply = async (result: string | null, job = ended()) => {
  const largeAnswers = memoryAnswers('https://answers.example.test');
  const answer = await jobReply({ mirror: { result: async () => result }, largeAnswers, now }, job);
  const location = answer.headers?.location ?? '';
  return { ...answer, location, kept: location && largeAnswers.at('GET', new URL(location).pathname) };
};
const freshness = { age: '7', 'x-observed-via': 'callback' };

describe('a job as an answer', () => {
  it('is exactly 200, with its result as LEIA wrote it (contract §0.2, §0.10)', async () => {
    const { status, headers, body } = await reply('{"score":1.0,"big":12345678901234567890}');
    expect([status, headers]).toEqual([200, { 'content-type': 'application/json', ...freshness }]);
    expect(body).toContain('"result":{"score":1.0,"big":12345678901234567890}}');
  });

  it('has no type without a result (contract §0.9)', async () =>
    expect(JSON.parse(String((await reply(null)).body))).toMatchObject({ result: null, result_type: null }));

  it('up to what Lambda sends is sent', async () => {
    const { status, body } = await reply(JSON.stringify('x'.repeat(4_990_000)));
    expect([status, JSON.parse(String(body)).result.length]).toEqual([200, 4_990_000]);
  });

  it('that is larger lies elsewhere, and is there what it would have been here', async () => {
    const result = `{"score":1.0,"text":"${'x'.repeat(6_000_000)}"}`;
    const { status, headers, body, location, kept } = await reply(result);
    expect([status, headers]).toEqual([303, { location, 'cache-control': 'no-store', ...freshness }]);
    expect(body).toBeUndefined();
    expect(location).toContain(`/answers/${id(1)}/`);
    expect(kept?.endsWith(`"result":${result}}`)).toBe(true);
    expect(JSON.parse(kept ?? '')).toMatchObject({ id: id(1), status: 'PROCESSED', result_type: 'object' });
  });

  it('is measured as Lambda sends it, where each quotation mark is two bytes', async () =>
    expect((await reply(JSON.stringify(Array.from({ length: 900_000 }, () => 'é')))).status).toBe(303));

  it('has the same head however large it is, without its result being read', () =>
    expect(jobHead({ now }, ended())).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json', ...freshness },
    }));
});
