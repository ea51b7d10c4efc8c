import { describe, expect, it } from 'vitest';
import { leiaForKey } from '../../functions/adapters/leia-for-key.ts';
import { askedLeia } from '../support/asked-leia.ts';
import { aLeiaJob, LEIA_ID } from '../support/leia-jobs.ts';
import { anApplication, hangUp, json, page, problem, type Script, silence, text } from '../support/scripted-leia.ts';

const { leia, client } = askedLeia(json(200, aLeiaJob()));

describe('a login', () => {
  it('answers the Application without its key', async () => {
    const { api_key, ...application } = anApplication;
    expect(await client().login()).toEqual({ outcome: 'found', value: application });
    expect(leia.logins).toEqual(['{"api_key":"the-api-key"}']);
  });

  it('gives all calls its token, and is not repeated for them', async () => {
    const asking = client();
    await asking.login();
    await asking.job(LEIA_ID);
    await asking.job(LEIA_ID);
    expect(leia.logins).toHaveLength(1);
    expect(leia.received.map((request) => request.headers.token)).toEqual(['token-1', 'token-1']);
  });

  it('is fresh each time', async () => {
    const asking = client();
    await asking.login();
    await asking.login();
    await asking.job(LEIA_ID);
    expect(leia.received[0]?.headers.token).toBe('token-2');
  });

  it('with a wrong key is refused', async () => {
    leia.answersLogins(problem(403, 'Wrong key'));
    expect(await client().login()).toEqual({ outcome: 'refused', status: 403, detail: 'Wrong key' });
  });

  it.each([
    ['404', problem(404, 'No such path'), false],
    ['403 of a gateway', page(403), true],
    ['500', problem(500, 'Oops'), false],
    ['silence', silence, false],
    ['a login without an application', json(200, { token: 'a' }), false],
    ['garbage', text(200, 'ok'), false],
  ] satisfies [string, Script, boolean][])(
    'answered with %s says nothing about the key',
    async (_what, script, denied) => {
      leia.answersLogins(script);
      const answer = await client({ timeoutSeconds: 0.3 }).login();
      expect(answer).toMatchObject({ outcome: 'unavailable', ...(denied ? { denied } : {}) });
      if (!denied) expect(answer).not.toHaveProperty('denied');
    },
  );

  it('is tried again after a cut connection', async () => {
    leia.answersLogins(hangUp, json(200, { token: 'a', application: anApplication }));
    expect(await client().login()).toMatchObject({ outcome: 'found' });
  });
});

describe('twenty calls at once', () => {
  it('share one login', async () => {
    const asking = client();
    const answers = await Promise.all(Array.from({ length: 20 }, () => asking.job(LEIA_ID)));
    expect(new Set(answers.map((answer) => answer.outcome))).toEqual(new Set(['found']));
    expect(leia.logins).toHaveLength(1);
  });

  it('share one more login when their token dies', async () => {
    const asking = client();
    await asking.login();
    leia.answers((response, request) =>
      (request.headers.token === 'token-1' ? problem(401, 'Not logged in') : json(200, aLeiaJob()))(response, request),
    );
    const answers = await Promise.all(Array.from({ length: 20 }, () => asking.job(LEIA_ID)));
    expect(new Set(answers.map((answer) => answer.outcome))).toEqual(new Set(['found']));
    expect(leia.logins).toHaveLength(2);
  });
});

describe('a 401', () => {
  it('after a fresh login means that LEIA denies us, and the next call tries anew', async () => {
    const asking = client();
    leia.answers(problem(401, 'Not logged in'));
    expect(await asking.job(LEIA_ID)).toMatchObject({ outcome: 'unavailable', denied: true });
    leia.answers(json(200, aLeiaJob()));
    expect(await asking.job(LEIA_ID)).toMatchObject({ outcome: 'found' });
  });

  it('followed by a refused login: likewise', async () => {
    const asking = client();
    await asking.login();
    leia.answers(problem(401, 'Not logged in'));
    leia.answersLogins(problem(403, 'Key revoked'));
    expect(await asking.job(LEIA_ID)).toMatchObject({ outcome: 'unavailable', denied: true });
    expect(leia.received).toHaveLength(1);
  });
});

describe('LEIA by the hash of one of our keys', () => {
  const keys = new Map([
    ['hash-1', { leia_api_key: 'leia-1' }],
    ['hash-2', { leia_api_key: 'leia-1' }],
    ['hash-3', { leia_api_key: 'leia-3' }],
  ]);
  const forKey = () => leiaForKey({ keyByHash: async (hash) => keys.get(hash) }, { url: leia.url, timeoutSeconds: 1 });

  it('is one client for each LEIA key, so that they share its token', async () => {
    const leiaOf = forKey();
    for (const hash of ['hash-1', 'hash-2', 'hash-3', 'hash-1']) await (await leiaOf(hash))?.job(LEIA_ID);
    expect(leia.logins).toEqual(['{"api_key":"leia-1"}', '{"api_key":"leia-3"}']);
  });

  it('is undefined for a key that left the secret, and another client when its LEIA key changed', async () => {
    const leiaOf = forKey();
    const before = await leiaOf('hash-3');
    keys.set('hash-3', { leia_api_key: 'leia-4' });
    expect(await leiaOf('hash-3')).not.toBe(before);
    keys.delete('hash-3');
    expect(await leiaOf('hash-3')).toBeUndefined();
  });
});
