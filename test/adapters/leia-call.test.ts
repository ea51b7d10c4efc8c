import { describe, expect, it } from 'vitest';
import type { LeiaOptions } from '../../functions/adapters/leia.ts';
import { machineTimer } from '../../functions/adapters/leia-deadline.ts';
import { askedLeia } from '../support/asked-leia.ts';
import { aRequest } from '../support/jobs.ts';
import { aLeiaJob } from '../support/leia-jobs.ts';
import { anApplication, hangUp, json, page, problem, silence, text } from '../support/scripted-leia.ts';

const { leia, client } = askedLeia();

const submit = (options: Partial<LeiaOptions> = {}) =>
  client(options).submit({
    request: aRequest(),
    callbackUrl: 'https://example.com/callbacks/a/b',
    blockProcessing: false,
  });

describe('a submission and the login before it', () => {
  it('a dead token: logs in once and submits again, for a 401 means that LEIA did not take it', async () => {
    leia.answers(problem(401, 'Not logged in'), json(200, aLeiaJob()));
    expect(await submit()).toMatchObject({ outcome: 'accepted' });
    expect(leia.received.map((request) => request.headers.token)).toEqual(['token-1', 'token-2']);
  });

  it('a 401 after that: unsent, and denied', async () => {
    leia.answers(problem(401, 'Not logged in'));
    expect(await submit()).toEqual({ outcome: 'unsent', denied: true, cause: expect.any(String) });
    expect(leia.received).toHaveLength(2);
    expect(leia.logins).toHaveLength(2);
  });

  it.each([
    ['403', problem(403, 'Wrong key')],
    ['403 of a gateway', page(403)],
    ['401', problem(401, 'Wrong key')],
  ])('a login answered %s: unsent, and denied', async (_what, script) => {
    leia.answersLogins(script);
    expect(await submit()).toEqual({ outcome: 'unsent', denied: true, cause: expect.any(String) });
    expect(leia.received).toHaveLength(0);
  });

  it.each([
    ['500', problem(500, 'Oops')],
    ['404', problem(404, 'Oops')],
    ['garbage', text(200, '{"token":""}')],
    ['a token that no header can hold', json(200, { token: 'a\nb', application: {} })],
    ['a hang-up', hangUp],
    ['silence', silence],
  ])('a login that fails (%s): unsent', async (_what, script) => {
    leia.answersLogins(script);
    const outcome = await submit({ timeoutSeconds: 0.3 });
    expect(outcome).toMatchObject({ outcome: 'unsent' });
    expect(outcome).not.toHaveProperty('denied');
    expect(leia.received).toHaveLength(0);
  });

  it.each([
    ['an answer', json(200, aLeiaJob()), 'accepted'],
    ['a refusal', problem(400, 'No'), 'refused'],
    ['a hang-up', hangUp, 'doubtful'],
    ['silence', silence, 'doubtful'],
  ] as const)('leave no timer behind after %s', async (_what, script, outcome) => {
    const timers = new Set<symbol>();
    const timeout = (millis: number) => {
      const timer = Symbol();
      timers.add(timer);
      const { signal, clear } = machineTimer.timeout(millis);
      return { signal, clear: () => [clear(), timers.delete(timer)] };
    };
    leia.answers(script);
    const made = await submit({ timeoutSeconds: 0.3, timer: { ...machineTimer, timeout } });
    expect(made).toMatchObject({ outcome });
    expect(timers.size).toBe(0);
  });

  it('login and submission share one deadline', async () => {
    const login = json(200, { token: 'a', application: anApplication });
    leia.answersLogins((response, request) => setTimeout(() => login(response, request), 600));
    leia.answers(silence);
    const started = performance.now();
    expect(await submit({ timeoutSeconds: 0.8 })).toEqual({
      outcome: 'doubtful',
      cause: 'LEIA did not answer in time',
    });
    expect(performance.now() - started).toBeLessThan(1300);
  });
});
