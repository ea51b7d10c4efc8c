import { describe, expect, it } from 'vitest';
import { leiaJobOf, leiaJobsOf } from '../../functions/adapters/leia-job.ts';
import { APPLICATION, DOCUMENT } from '../support/jobs.ts';
import { aLeiaJob, LEIA_ID } from '../support/leia-jobs.ts';

const read = (given: Record<string, unknown>) => {
  const oddities: string[] = [];
  const job = leiaJobOf(JSON.stringify(aLeiaJob(given)), (where) => oddities.push(where));
  return { ...job, oddities };
};

describe("LEIA's Job, read", () => {
  it('says what the mirror wants of it, and drops what nobody knows', () => {
    const given = {
      status: 'PROCESSING',
      starting_time: '2018-11-07T16:02:30Z',
      ws_id: 'a',
      ['__proto__']: { status: 'FAILED' },
    };
    expect(leiaJobOf(JSON.stringify(aLeiaJob(given)))).toEqual({
      id: LEIA_ID,
      application_id: APPLICATION,
      submitter_id: APPLICATION,
      creation_time: '2018-11-07T16:02:29.761Z',
      document_ids: [DOCUMENT],
      job_type: 'image-text',
      callback_url: null,
      execute_after_id: null,
      parent_job_id: null,
      page_range: null,
      seen: {
        leiaId: LEIA_ID,
        status: 'PROCESSING',
        details: {
          model_id: null,
          starting_time: '2018-11-07T16:02:30.000Z',
          finished_time: null,
          reason: null,
          http_code: null,
          result_type: null,
          result: null,
        },
      },
    });
  });

  it('keeps the result as text, byte for byte', () => {
    const result = '{ "category":"AUTRE", "accuracy":1.0,"score": 1e400,"n":12345678901234567890,"a":1,"a":2 }';
    const text = JSON.stringify(aLeiaJob({ status: 'PROCESSED', result_type: 'classification' })).replace(
      '"result":null',
      `"result" : ${result}`,
    );
    expect(leiaJobOf(text)?.seen.details?.result).toBe(result);
    expect(leiaJobsOf(`[${text}, ${text}]`)?.map((job) => job.seen.details?.result)).toEqual([result, result]);
  });

  it('with an unknown status neither moves nor ends, and is counted', () => {
    const { seen, oddities } = read({ status: 'VANISHED' });
    expect(seen).toMatchObject({ status: 'READY', statusUnknown: true });
    expect(oddities).toEqual(['status']);
  });

  it('with a result of an unknown type, or of none, is an object, and is counted', () => {
    expect(read({ result_type: 'hologram', result: 1 })).toMatchObject({
      seen: { details: { result_type: 'object', result: '1' } },
      oddities: ['result_type'],
    });
    expect(read({ result_type: null, result: {} })).toMatchObject({
      seen: { details: { result_type: 'object', result: '{}' } },
      oddities: ['result_type'],
    });
    expect(read({ result_type: 'model', result: {} })).toMatchObject({
      seen: { details: { result_type: 'model' } },
      oddities: [],
    });
  });

  it('has its times in one form, and none that cannot be read', () => {
    const job = read({
      creation_time: '2018-11-07 16:02:29',
      starting_time: '2018-11-07T16:02:29.761000+0200',
      finished_time: 'soon',
    });
    expect(job.creation_time).toBe('2018-11-07T16:02:29.000Z');
    expect(job.seen?.details).toMatchObject({ starting_time: '2018-11-07T14:02:29.761Z', finished_time: null });
  });

  it.each([
    [5000, 500],
    [400, 400],
    ['400', null],
    [undefined, null],
  ])('with http_code %j has %j', (given, http_code) => {
    expect(read({ http_code: given }).seen?.details?.http_code).toBe(http_code);
  });

  it('may lack whatever does not make it a Job', () => {
    const job = leiaJobOf(
      '{"id":"a","status":"FAILED","creation_time":"2018-11-07T16:02:29","reason":{"odd":1},"document_ids":null}',
    );
    expect(job).toMatchObject({ id: 'a', document_ids: [], seen: { status: 'FAILED', details: { reason: null } } });
  });
});

describe('what is no Job', () => {
  it.each([
    '',
    'null',
    '[]',
    '{}',
    '<html>',
    '{"id":"a"',
    '{"id":"","status":"READY","creation_time":"2018-11-07T16:02:29"}',
    '{"id":"a","status":"READY","creation_time":"x"}',
    '['.repeat(100_000),
  ])('%.40s', (text) => {
    expect(leiaJobOf(text)).toBeUndefined();
  });

  it('spoils the list it is in, so that no job goes unseen', () => {
    expect(leiaJobsOf(JSON.stringify([aLeiaJob(), { id: 'a' }]))).toBeUndefined();
    expect(leiaJobsOf('{}')).toBeUndefined();
    expect(leiaJobsOf('[]')).toEqual([]);
  });
});
