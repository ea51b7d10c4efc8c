// What `leia-jobs job` tells of one job, and what it never tells.
import { describe, expect, it } from 'vitest';
import { instant } from '../../functions/jobs/job.ts';
import { aBoundJob, aJob, aRequest, id, seconds, T0 } from '../support/jobs.ts';
import { leiaJobs, memorySite, NOW } from '../support/repair-site.ts';

const rowOfJobs = async () => {
  const { site, mirror } = await memorySite();
  await mirror.create(
    aBoundJob({ id: id(1), leia_id: id(0xa1), status: 'FAILED', reason: 'unreadable', http_code: 400 }),
  );
  await mirror.create(
    aJob({ id: id(2), execute_after_id: id(1), status: 'FAILED', stage: 'dropped', reason: `Job ${id(1)} FAILED` }),
    aRequest(),
  );
  await mirror.create(aJob({ id: id(3), execute_after_id: id(2), stage: 'held', held_for: id(2), status: 'WAITING' }));
  return { site, mirror };
};

describe('a job', () => {
  it('is told with its record, its lane, what it waits for and what waits for it', async () => {
    const { site } = await rowOfJobs();
    expect((await leiaJobs(site, ['job', id(3), '--json'])).json()).toMatchObject({
      record: { id: id(3), stage: 'held', attempt: 0 },
      lane: { lane: 'held', at: instant(T0) },
      prerequisites: [
        { id: id(2), status: 'FAILED' },
        { id: id(1), status: 'FAILED', reason: 'unreadable' },
      ],
      resubmit: `nothing: it waits for job ${id(2)}`,
    });
    expect((await leiaJobs(site, ['job', id(2), '--json'])).json()).toMatchObject({
      explanation: { root_cause: { job_id: id(1) } },
      dependents: [id(3)],
    });
  });

  it('is found by LEIA’s id as well', async () => {
    const { site } = await rowOfJobs();
    expect((await leiaJobs(site, ['job', id(0xa1), '--json'])).json()).toMatchObject({ record: { id: id(1) } });
  });

  it('that nobody knows is a failure of one line', async () => {
    const { site } = await rowOfJobs();
    await expect(leiaJobs(site, ['job', id(9)])).rejects.toThrow(`no job ${id(9)} is known, by our id or LEIA's`);
  });

  it('is told with what became of its callback', async () => {
    const { site, mirror } = await memorySite();
    const callback = { state: 'asked', tries: 2, at: instant(NOW - seconds(60)), answer: 'HTTP 503' } as const;
    await mirror.create(aBoundJob({ status: 'PROCESSED', callback_url: 'https://caller.example/done', callback }));
    expect((await leiaJobs(site, ['job', id(1)])).answers.join('')).toMatch(
      /callback to +caller\.example\ncallback +asked, 2 tries, HTTP 503 \(1 min ago\)/,
    );
  });

  it.each([['--json'], []])('tells no secret %s', async (...flags) => {
    const { site, mirror } = await memorySite();
    const secrets = ['task-token-0', 'header-secret-1', 'url-secret-2', 'result-secret-3', 'print-4'];
    const [token = '', header = '', url = '', result = '', fingerprint = ''] = secrets;
    await mirror.create(
      aBoundJob({
        task_token: token,
        callback_url: `https://caller.example/done?key=${url}`,
        result: JSON.stringify({ text: result }),
        fingerprint,
        last_error: 'connection refused',
      }),
      aRequest({ callback_headers: { authorization: header } }),
    );
    const [text = ''] = (await leiaJobs(site, ['job', id(1), ...flags])).answers;
    expect(text).toContain('connection refused');
    expect(text).toContain('caller.example');
    for (const secret of secrets) expect(text).not.toContain(secret);
  });
});
