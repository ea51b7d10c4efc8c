import { describe, expect, it } from 'vitest';
import { askedLeia } from '../support/asked-leia.ts';
import { aLeiaJob, LEIA_ID } from '../support/leia-jobs.ts';
import { halfAnswer, hangUp, json, page, problem, type Script } from '../support/scripted-leia.ts';

const { leia, client } = askedLeia();

describe('a question that can be asked again', () => {
  it.each([
    ['a cut connection', hangUp],
    ['429', problem(429, 'Slow down')],
    ['503', page(503)],
    ['half an answer', halfAnswer],
  ] satisfies [string, Script][])('is asked again after %s', async (_what, script) => {
    leia.answers(script, json(200, aLeiaJob()));
    expect(await client().job(LEIA_ID)).toMatchObject({ outcome: 'found' });
    expect(leia.received).toHaveLength(2);
  });

  it('is asked three times at most', async () => {
    leia.answers(page(503));
    expect(await client({ timeoutSeconds: 5 }).job(LEIA_ID)).toMatchObject({
      outcome: 'unavailable',
      cause: 'LEIA answered HTTP 503',
    });
    expect(leia.received).toHaveLength(3);
  });

  it('waits as long as LEIA wants', async () => {
    leia.answers(problem(429, 'Slow down', { 'retry-after': '1' }), json(200, aLeiaJob()));
    const started = performance.now();
    expect(await client({ timeoutSeconds: 4 }).job(LEIA_ID)).toMatchObject({ outcome: 'found' });
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  it('is given up at once when LEIA wants longer than there is time', async () => {
    leia.answers(problem(503, 'Away', { 'retry-after': '30' }));
    expect(await client().job(LEIA_ID)).toMatchObject({ outcome: 'unavailable', retryAfterSeconds: 30 });
    expect(leia.received).toHaveLength(1);
  });

  it('spends a budget: a LEIA in trouble is soon asked once only', async () => {
    leia.answers(hangUp);
    const asking = client({ timeoutSeconds: 5 });
    for (let call = 0; call < 5; call += 1) await asking.job(LEIA_ID);
    const before = leia.received.length;
    await asking.job(LEIA_ID);
    expect(leia.received.length - before).toBe(1);
  });

  it('is not asked again of a LEIA that is not there', async () => {
    const asked: unknown[] = [];
    const asking = client({ onRequest: (kind, outcome) => asked.push([kind, outcome]) });
    await leia.close();
    expect(await asking.job(LEIA_ID)).toMatchObject({
      outcome: 'unavailable',
      cause: expect.stringContaining('ECONNREFUSED'),
    });
    expect(asked).toEqual([['login', 'unreached']]);
  });
});
