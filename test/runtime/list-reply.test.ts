import { describe, expect, it } from 'vitest';
import type { JobRecord } from '../../functions/jobs/job.ts';
import { listReply } from '../../functions/runtime/list-reply.ts';
import { aBoundJob, id } from '../support/jobs.ts';

const ended = (nth: number, given: Partial<JobRecord> = {}): JobRecord =>
  aBoundJob({ id: id(nth), status: 'PROCESSED', result_type: 'object', ...given });

/** What comes out when the results are as given; null: nothing is kept any more. */
const reply = async (results: (string | null)[], first = 0) => {
  let atOnce = 0;
  let most = 0;
  const mirror = {
    result: async (job: JobRecord, atMost = 0) => {
      most = Math.max(most, ++atOnce);
      await Promise.resolve();
      atOnce -= 1;
      const result = results[Number.parseInt(job.id, 16) - 1] ?? null;
      return result !== null && result.length <= atMost ? result : null;
    },
  };
  const jobs = results.map((_, nth) => ended(nth + 1));
  const { status, headers, body } = await listReply(mirror, { jobs, first, total: 1000 }, { age: '7' });
  const text = String(body);
  return { status, headers, text, jobs: JSON.parse(text) as Record<string, unknown>[], most };
};
const bytesInLambda = (text: string): number => Buffer.byteLength(JSON.stringify(text));

describe('a list of jobs as an answer', () => {
  it('has the headers of contract §2.3, the end of the range exclusive', async () => {
    expect(await reply(['1', '2'], 40)).toMatchObject({
      status: 200,
      headers: {
        'content-range': '40-42/1000',
        'accept-range': 'job 100',
        'content-type': 'application/json',
        age: '7',
      },
    });
  });

  it('has every result as LEIA wrote it (contract §0.10)', async () => {
    const { text } = await reply(['{"score":1.0}', '[1e400, 12345678901234567890]']);
    expect(text).toContain('"result":{"score":1.0}');
    expect(text).toContain('"result":[1e400, 12345678901234567890]');
  });

  it('has no type without a result (contract §0.9)', async () => {
    expect((await reply([null])).jobs).toMatchObject([{ status: 'PROCESSED', result: null, result_type: null }]);
  });

  it('is cut where it becomes too large, and says so', async () => {
    const megabyte = JSON.stringify('x'.repeat(1_000_000));
    const { headers, jobs, text, most } = await reply(
      Array.from({ length: 30 }, () => megabyte),
      10,
    );
    expect(jobs).toHaveLength(4);
    expect(headers?.['content-range']).toBe('10-14/1000');
    expect(bytesInLambda(text)).toBeLessThan(5_000_000);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('is measured as Lambda sends it, where a quotation mark is two bytes and an umlaut is two', async () => {
    const quotes = JSON.stringify(Array.from({ length: 300_000 }, () => 'ä'));
    const { jobs, text } = await reply([quotes, quotes, quotes, quotes]);
    expect(jobs.length).toBeGreaterThan(0);
    expect(jobs.length).toBeLessThan(4);
    expect(bytesInLambda(text)).toBeLessThan(5_000_000);
  });

  it('shows a job at least, if need be without its result, and what comes after it', async () => {
    const huge = JSON.stringify('x'.repeat(6_000_000));
    const { jobs, text } = await reply([huge, '{"a":1}']);
    expect(jobs).toMatchObject([
      { id: id(1), result: null, result_type: null },
      { id: id(2), result: { a: 1 }, result_type: 'object' },
    ]);
    expect(bytesInLambda(text)).toBeLessThan(5_000_000);
  });
});
