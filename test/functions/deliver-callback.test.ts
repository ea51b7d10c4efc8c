// deliver-callback, message by message, with callers that do as a test says.
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { defaultCallbacks } from '../../functions/acts/default-callbacks.ts';
import type { Application } from '../../functions/adapters/access.ts';
import type { CallbackPost } from '../../functions/adapters/callers.ts';
import type { Answer } from '../../functions/adapters/leia-api.ts';
import { type CallbackRecord, type DeliveryDeps, deliverOne } from '../../functions/deliver-callback.ts';
import type { CallbackTry } from '../../functions/jobs/callback.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { jobReply } from '../../functions/runtime/job-reply.ts';
import { APPLICATION, aBoundJob, aRequest, id, seconds, T0 } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { memoryMirror } from '../support/memory-mirror.ts';
import { anApplication } from '../support/scripted-leia.ts';

const JOB = id(1);
const SECRET = `whsec_${Buffer.from('what signs these callbacks').toString('base64')}`;

const scene = () => {
  const mirror = memoryMirror();
  const access = memoryAccess();
  const posts: CallbackPost[] = [];
  const putOff: [string, number][] = [];
  const counted: string[] = [];
  const said: string[] = [];
  let now = T0;
  let answers: CallbackTry[] = [{ outcome: 'acknowledged', answer: 'HTTP 200' }];
  let secrets = [SECRET];
  const atLeia = vi.fn(async (): Promise<Answer<Application>> => ({ outcome: 'found', value: anApplication }));
  const deps = {
    mirror,
    access,
    leiaForKey: async () => ({ application: atLeia }) as never,
    callers: {
      post: async (post) => {
        posts.push(post);
        return answers[Math.min(posts.length, answers.length) - 1] ?? { outcome: 'failed', answer: 'none' };
      },
    },
    defaultCallbacks: defaultCallbacks({ maxAgeSeconds: 60, now: () => now }),
    secrets: { webhookSecrets: async () => secrets },
    callbackTimes: { tries: 3, retryFirstSeconds: 30, retryMaxSeconds: 60 },
    putOff: async (handle, wait) => void putOff.push([handle, wait]),
    now: () => now,
    count: (metric) => void counted.push(metric),
    warn: (message, about) => void said.push(`${message} ${JSON.stringify(about)}`),
    fail: (message, error, about) => void said.push(`${message} ${String(error)} ${JSON.stringify(about)}`),
  } satisfies DeliveryDeps;
  return {
    deps,
    mirror,
    access,
    posts,
    putOff,
    counted,
    said,
    atLeia,
    pass: (millis: number) => {
      now += millis;
    },
    answer: (...given: CallbackTry[]) => {
      answers = given;
    },
    sign: (...given: string[]) => {
      secrets = given;
    },
    record: async (given: Partial<JobRecord> = {}, headers: Record<string, string> = {}) => {
      const job = aBoundJob({
        status: 'PROCESSED',
        fingerprint: 'of the submission',
        callback_url: 'https://cb.example/told',
        callback: { state: 'asked', tries: 0 },
        follow_up_due: instant(T0),
        result: '{"score":1.0}',
        result_type: 'object',
        ...given,
      });
      await mirror.create(job, aRequest({ callback_headers: headers }));
      return job;
    },
    callback: async () => (await mirror.job(JOB))?.callback,
  };
};

let stage: ReturnType<typeof scene>;
beforeEach(async () => {
  stage = scene();
  await stage.access.saveApplication(anApplication, 'hash of the key');
});

const message = (receives = 1, job_id = JOB): CallbackRecord => ({
  body: JSON.stringify({ job_id }),
  receiptHandle: `receipt ${receives}`,
  attributes: { ApproximateReceiveCount: String(receives) },
});
const deliver = (receives?: number) => deliverOne(message(receives), stage.deps);
const failed: CallbackTry = { outcome: 'failed', answer: 'HTTP 503' };

describe('a job that has ended', () => {
  it('is posted as GET /job/{id} shows it', async () => {
    const job = await stage.record();
    await deliver();
    const largeAnswers = { keep: async () => '' };
    const shown = await jobReply({ mirror: stage.mirror, largeAnswers, now: () => T0 }, job);
    expect(stage.posts.map(({ url, body }) => [url, body])).toEqual([['https://cb.example/told', shown.body]]);
    expect(shown.body).toContain('"result":{"score":1.0}');
    expect(await stage.callback()).toEqual({ state: 'delivered', tries: 1, at: instant(T0), answer: 'HTTP 200' });
    expect(stage.counted).toEqual(['CallbackDelivered']);
  });

  it('is posted whole, however large its result is', async () => {
    const result = JSON.stringify({ text: 'x'.repeat(7_000_000) });
    await stage.record({ result });
    await deliver();
    expect(stage.posts[0]?.body).toContain(`"result":${result}`);
  });

  it('is posted with the caller’s headers and ours, of which ours win', async () => {
    await stage.record({}, { Authorization: 'Bearer x', 'Content-Type': 'text/plain', 'User-Agent': 'theirs' });
    await deliver();
    expect(stage.posts[0]?.headers).toEqual({
      Authorization: 'Bearer x',
      'User-Agent': 'theirs',
      'content-type': 'application/json',
      'webhook-id': `${JOB}/PROCESSED`,
      'webhook-timestamp': String(T0 / 1000),
      'webhook-signature': expect.stringMatching(/^v1,/),
    });
  });

  it('is posted unsigned for an application without a secret', async () => {
    stage.sign();
    await stage.record();
    await deliver();
    expect(stage.posts[0]?.headers).toEqual({
      'user-agent': 'leia-jobs',
      'content-type': 'application/json',
      'webhook-id': `${JOB}/PROCESSED`,
    });
  });

  it('is not posted again once it was delivered, whoever asks', async () => {
    await stage.record();
    for (const receives of [1, 1, 2]) await deliver(receives);
    expect(stage.posts).toHaveLength(1);
    expect(stage.counted).toEqual(['CallbackDelivered']);
  });

  it('that nobody knows any more, or that has not ended, is nobody’s', async () => {
    await deliver();
    await stage.record({ status: 'PROCESSING' });
    await deliver();
    expect(stage.posts).toEqual([]);
    expect(stage.said).toHaveLength(2);
  });

  it('is none that was adopted', async () => {
    const { fingerprint: _none, callback: _asked, ...adopted } = await stage.record({ id: id(9) });
    await stage.mirror.create({ ...adopted, id: JOB });
    await deliver();
    expect([stage.posts, stage.atLeia.mock.calls]).toEqual([[], []]);
  });
});

describe('a caller that does not acknowledge', () => {
  it('is told again after waits that grow, each time under the same id, and then no more', async () => {
    stage.answer(failed);
    await stage.record({}, { 'x-order': '7' });
    await expect(deliver(1)).rejects.toThrow('not acknowledged');
    stage.pass(seconds(30));
    await expect(deliver(2)).rejects.toThrow('not acknowledged');
    expect(await stage.callback()).toMatchObject({ state: 'asked', tries: 2, answer: 'HTTP 503' });
    stage.pass(seconds(60));
    await expect(deliver(3)).rejects.toThrow('not acknowledged');
    expect(stage.putOff).toEqual([
      ['receipt 1', 30],
      ['receipt 2', 60],
      ['receipt 3', 0],
    ]);
    expect(await stage.callback()).toMatchObject({ state: 'given_up', tries: 3 });
    expect(stage.counted).toEqual(['CallbackRetried', 'CallbackRetried', 'CallbackGivenUp']);
    expect(new Set(stage.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(stage.posts.map(({ headers }) => headers['webhook-timestamp'])).toEqual(
      [0, 30, 90].map((later) => String(T0 / 1000 + later)),
    );
  });

  it('is told after all when its message is redriven, with its headers', async () => {
    stage.answer(failed, { outcome: 'acknowledged', answer: 'HTTP 204' });
    await stage.record({ callback: { state: 'given_up', tries: 9 } }, { 'x-order': '7' });
    await stage.mirror.change(JOB, ({ follow_up_due: _due, ...job }) => job);
    await expect(deliver(1)).rejects.toThrow();
    await deliver(2);
    expect(stage.posts.map(({ headers }) => headers['x-order'])).toEqual(['7', '7']);
    expect(await stage.callback()).toMatchObject({ state: 'delivered', tries: 11 });
  });

  it('shows in no line of the log where it is, or what its headers say', async () => {
    stage.answer(failed, { outcome: 'refused', answer: 'no' });
    await stage.record({}, { Authorization: 'Bearer of the caller' });
    await expect(deliver(1)).rejects.toThrow();
    await deliver(2);
    expect(stage.said).toHaveLength(2);
    for (const line of stage.said) expect(line).not.toMatch(/cb\.example|Bearer|score/);
  });
});

describe('a target that may not be called', () => {
  it('is recorded, counted, and not tried again', async () => {
    stage.answer({ outcome: 'refused', answer: 'the host has an address that is not public' });
    await stage.record();
    await deliver();
    await deliver(2);
    expect(stage.posts).toHaveLength(1);
    expect(await stage.callback()).toMatchObject({ state: 'refused', tries: 1 });
    expect(stage.counted).toEqual(['CallbackRefused']);
  });
});

describe('the application’s default URL', () => {
  const byDefault = { callback_url: null };
  const url = (default_job_callback_url: string | null) =>
    stage.atLeia.mockResolvedValue({ outcome: 'found', value: { ...anApplication, default_job_callback_url } });
  const recordWithout = async (given: Partial<JobRecord> = {}) => {
    const { callback: _none, ...job } = await stage.record({ id: id(9), ...byDefault });
    await stage.mirror.create({ ...job, id: JOB, ...given }, aRequest());
  };

  it('stands in for one of the job', async () => {
    url('https://default.example/');
    await recordWithout();
    await deliver();
    expect(stage.posts.map((post) => post.url)).toEqual(['https://default.example/']);
    expect(await stage.callback()).toMatchObject({ state: 'delivered', tries: 1 });
  });

  it('does not where a job has one, nor for a step of a chain', async () => {
    url('https://default.example/');
    await stage.record();
    await deliver();
    expect(stage.posts.map((post) => post.url)).toEqual(['https://cb.example/told']);
    await stage.mirror.create(
      aBoundJob({ id: id(5), status: 'PROCESSED', step: { rule: 0, entry: 0 }, parent_job_id: id(4) }),
    );
    await deliverOne(message(1, id(5)), stage.deps);
    expect(stage.posts).toHaveLength(1);
    expect(stage.atLeia).not.toHaveBeenCalled();
  });

  it.each([null, ''])('that is %j is nobody’s: nothing is written', async (none) => {
    url(none);
    await recordWithout();
    const before = await stage.mirror.job(JOB);
    await deliver();
    expect([stage.posts, await stage.mirror.job(JOB)]).toEqual([[], before]);
    expect(stage.counted).toEqual([]);
  });

  it('is asked for at LEIA afresh, once a minute for all jobs', async () => {
    url(null);
    await recordWithout();
    for (const _each of [1, 2, 3]) await deliver();
    expect(stage.atLeia).toHaveBeenCalledTimes(1);
    url('https://default.example/');
    stage.pass(seconds(61));
    await deliver();
    expect(stage.posts.map((post) => post.url)).toEqual(['https://default.example/']);
    expect(stage.atLeia).toHaveBeenCalledTimes(2);
  });

  it('that LEIA does not tell is asked for again, and that is no try of the caller’s', async () => {
    stage.atLeia.mockResolvedValue({ outcome: 'unavailable', cause: 'down' });
    await recordWithout();
    await expect(deliver(1)).rejects.toThrow();
    await expect(deliver(1)).rejects.toThrow();
    expect(stage.atLeia).toHaveBeenCalledTimes(1);
    expect(await stage.callback()).toBeUndefined();
    expect(stage.putOff.map(([, wait]) => wait)).toEqual([30, 30]);
    stage.pass(seconds(6));
    url('https://default.example/');
    await deliver(2);
    expect(await stage.callback()).toMatchObject({ state: 'delivered', tries: 1 });
  });

  it('of an application whose key is gone is not looked for', async () => {
    await recordWithout();
    await deliverOne(message(), { ...stage.deps, leiaForKey: async () => undefined });
    expect([stage.posts, stage.putOff]).toEqual([[], []]);
  });
});

describe('a failure of ours', () => {
  it('has the message wait as a try would, and is told without what is secret', async () => {
    stage.sign('not a webhook secret at all');
    await stage.record();
    await expect(deliver()).rejects.toThrow('webhook_secret');
    expect(stage.said.join()).toContain('a callback could not be tried');
    expect(stage.said.join()).not.toContain('not a webhook secret');
    expect([stage.posts, await stage.callback()]).toEqual([[], { state: 'asked', tries: 0 }]);
    await expect(deliver(2)).rejects.toThrow('webhook_secret');
    expect(stage.putOff).toEqual([
      ['receipt 1', 30],
      ['receipt 2', 60],
    ]);
  });

  it('that was the last receive leaves the message to be set aside', async () => {
    stage.sign('not a webhook secret at all');
    await stage.record();
    await expect(deliver(3)).rejects.toThrow('webhook_secret');
    expect(stage.putOff).toEqual([]);
  });

  it('is a message that names no job', async () => {
    await expect(deliverOne({ ...message(), body: '{}' }, stage.deps)).rejects.toThrow();
  });

  it('between the call and its record has the caller told twice, under one id', async () => {
    await stage.record();
    const broken = { ...stage.mirror, change: async () => Promise.reject(new Error('the table is gone')) };
    await expect(deliverOne(message(), { ...stage.deps, mirror: broken })).rejects.toThrow('the table is gone');
    await deliver(2);
    expect(stage.posts.map(({ headers }) => headers['webhook-id'])).toEqual(Array(2).fill(`${JOB}/PROCESSED`));
    expect(await stage.callback()).toMatchObject({ state: 'delivered', tries: 1 });
  });
});

describe('a job of an application', () => {
  it('is of the one that these tests log in', () => expect(anApplication.id).toBe(APPLICATION));
});
