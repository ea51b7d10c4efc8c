// Secrets and documents stay where they belong (D9, D14): every function is led down its error paths with secrets that
// are known here, and then none of these lies in a log line, metric, event, message, state of a chain or error answer.
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { logger, publishMetrics } from '../../functions/runtime/log.ts';
import { type HttpFunction, routes } from '../../functions/runtime/routes.ts';
import { findSecrets } from '../support/canaries.ts';
import { backgroundCanaries } from './canaries/background.ts';
import { httpCanaries } from './canaries/http.ts';
import { note, places, secrets, textsOf } from './canaries/secrets.ts';
import { noteMade, type Stage, setStage } from './canaries/stage.ts';

// Before the log is made: it says all that it can ever say.
vi.hoisted(() => {
  vi.stubEnv('POWERTOOLS_LOG_LEVEL', 'DEBUG');
  vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false');
  vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'leia-jobs');
});

let stage: Stage;

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((chunk) => {
      note('log', String(chunk));
      return true;
    });
  stage = await setStage();
});

afterAll(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await stage.bundle.close();
  await stage.leia.close();
});

httpCanaries(() => stage);
backgroundCanaries(() => stage);

describe('of all that was secret', () => {
  const Line = z.looseObject({ message: z.string().optional(), route: z.string().optional() });

  it('the error paths were met: every function failed, and said so', () => {
    const lines = textsOf('log').flatMap((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => Line.parse(JSON.parse(line))),
    );
    const failed = (message: string) => lines.filter((line) => line.message === message);
    const byRoute = new Map(routes.map((route) => [`${route.method} ${route.path}`, route.by]));
    const failedOverHttp = new Set(failed('unexpected error').map(({ route }) => byRoute.get(route ?? '')));
    const overHttp: HttpFunction[] = [
      'submit-job',
      'control-job',
      'read-jobs',
      'explain-job',
      'session',
      'proxy-leia',
      'receive-callback',
    ];
    expect([...failedOverHttp].toSorted()).toEqual(overHttp.toSorted());
    expect(failed('the function failed').length).toBeGreaterThan(100);
    expect(failed('a change of a job could not be followed').length).toBeGreaterThan(5);
    expect(failed('a released job could not be sent').length).toBeGreaterThan(5);
    expect(failed('a callback could not be tried').length).toBeGreaterThan(2);
    expect(failed('LEIA does not answer').length).toBeGreaterThan(5);
    expect(failed('LEIA refuses our key').length).toBeGreaterThan(5);
  });

  it('everything that could show it was seen', async () => {
    publishMetrics();
    await noteMade(stage);
    for (const name of [stage.job, stage.chain]) note('state of a chain', stage.bundle.machine.history(name));
    for (const channel of ['log', 'event', 'message', 'state of a chain', 'error answer', 'answer of a repair'])
      expect([channel, textsOf(channel).length > 0]).toEqual([channel, true]);
    expect(textsOf('log').some((text) => text.includes('CloudWatchMetrics'))).toBe(true);
    const kinds = ['a token', 'a token of LEIA', 'LEIA’s API key', 'the MAC of a callback URL', 'a task token'];
    expect([...secrets.values()]).toEqual(expect.arrayContaining(kinds));
  });

  it('nothing lies anywhere', () => {
    const withoutOwnToken = (text: string): string => text.replaceAll(/"task_token":"[^"]*"/g, '""');
    // A step is called with its token: that is Step Functions' own way, and the only place for it.
    const seen = places.map(({ channel, text }) => ({
      channel,
      text: channel === 'state of a chain' ? withoutOwnToken(text) : text,
    }));
    expect(findSecrets(secrets, seen)).toEqual([]);
  });

  it.each([
    ...new Set(secrets.values()),
    'a webhook secret',
    'a token',
    'a token of LEIA',
    'the MAC of a callback URL',
    'a task token',
  ])('a leak of %s would be seen, however it is written', (what) => {
    const before = places.length;
    const [secret = ''] = [...secrets].find(([, each]) => each === what) ?? [];
    logger.warn('planted', { secret });
    logger.debug('planted', { deeper: { url: `https://x.test/?key=${encodeURIComponent(secret)}` } });
    logger.error('planted', new Error(`could not read ${secret}`));
    note('message', { body: Buffer.from(`{"a":"${secret}","b":1}`).toString('base64') });
    const found = findSecrets(secrets, places.splice(before));
    expect(found.filter(({ secret: named }) => named === what).length).toBeGreaterThanOrEqual(4);
  });
});
