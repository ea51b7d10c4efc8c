// The decoders of this folder against what the SDKs themselves made of canned replies: as far as one accepts or refuses
// a reply, so does the other.
import { describe, expect, it } from 'vitest';
import { decode } from './sdks/decode.ts';
import type { Reply } from './sdks/reply.ts';
import { APPLICATION, D1, J, type Outcome, type Sdk, vectors } from './vectors.ts';

const DOCUMENT = {
  id: '607f191e810c19729de860eb',
  application_id: APPLICATION,
  creation_time: '2018-11-07T16:02:29.761Z',
  filename: 'mydoc',
  extension: 'jpg',
  mime_type: 'image/jpeg',
  original_id: D1,
  rotation_angle: 0,
  size: 1000,
  tags: ['PDF_IMAGES'],
};
const CLASSIFICATION = { category: 'AUTRE', accuracy: 0.91, score: 0.91 };

const results: Record<string, unknown> = {
  document: DOCUMENT,
  'list[document]': [DOCUMENT, { ...DOCUMENT, page: 1 }],
  classification: CLASSIFICATION,
  'dict[classification]': { [DOCUMENT.id]: CLASSIFICATION },
  object: { k: 'v', n: 1, list: [1, { a: 2 }] },
  'dict[object]': { [DOCUMENT.id]: { k: 'v' } },
  model: { id: 'm', name: 'n' },
  conditional: vectors.canned_reply_samples.conditional_result,
  'empty-conditional': {},
  'empty-list': [],
};
const types: Record<string, string> = { 'empty-conditional': 'conditional', 'empty-list': 'list[document]' };

const minimal = {
  id: J,
  application_id: APPLICATION,
  creation_time: '2018-11-07T16:02:29.761Z',
  document_ids: [D1],
  job_type: 'predict',
  status: 'WAITING',
};
const processed = {
  ...minimal,
  starting_time: '2018-11-07T16:02:30.761Z',
  finished_time: '2018-11-07T16:02:39.761Z',
  status: 'PROCESSED',
  result_type: 'classification',
  result: CLASSIFICATION,
};
const absent = { starting_time: null, finished_time: null, result: null, result_type: null };

/** The canned reply of a mode, as far as it was one Job or one error. */
const cannedReply = (mode: string): Reply | undefined => {
  const [what = '', ...rest] = mode.split(':');
  const value = rest.join(':');
  const job = (given: object) => reply(200, given);
  switch (what) {
    case 'result':
      return job({ ...processed, result_type: types[value] ?? value, result: results[value] });
    case 'time':
      return job({ ...processed, creation_time: value });
    case 'jobstatus':
      return job({ ...processed, ...absent, reason: 'because', status: value });
    case 'minimal':
      return job(minimal);
    case 'nulls':
      return job({ ...minimal, ...absent, status: 'READY' });
    case 'rt-without-result':
      return job({ ...minimal, status: 'PROCESSED', result_type: 'list[document]' });
    case 'status':
      return reply(Number(value), { ...vectors.canned_reply_samples.problem, detail: `forced ${value}` });
    default:
      return undefined;
  }
};

const reply = (status: number, body: object): Reply => ({
  status,
  headers: { 'content-type': status === 200 ? 'application/json' : 'application/problem+json' },
  text: JSON.stringify(body),
});

/** A LeiaException of a failed job is raised after it was decoded. */
const wasDecoded = ({ outcome }: Outcome): boolean =>
  typeof outcome === 'string' ? /^ok:|Job Failed|Job canceled/.test(outcome) : 'ok' in outcome;

type Case = { sdk: Sdk; call: string; mode: string; reply: Reply; decoded: boolean };

const cases: Case[] = Object.entries(vectors.decode_outcomes).flatMap(([sdk, outcomes]) =>
  outcomes.flatMap((outcome): Case[] => {
    const canned = outcome.mode == null ? undefined : cannedReply(outcome.mode);
    // A call of several requests says nothing of one reply; Java's conditionalJob makes null of a 404.
    const isOne = !/later|then a|-> null/.test(outcome.call);
    return canned && isOne && outcome.mode != null
      ? [{ sdk: sdk as Sdk, call: outcome.call, mode: outcome.mode, reply: canned, decoded: wasDecoded(outcome) }]
      : [];
  }),
);

describe('a canned reply is decoded here as by the SDK itself', () => {
  it('covers every kind of reply', () => {
    expect(cases.length).toBeGreaterThan(110);
    expect(new Set(cases.map(({ sdk }) => sdk)).size).toBe(5);
  });

  it.each(cases)('$sdk: $call', ({ sdk, reply: canned, mode, decoded }) => {
    const made = decode(sdk, 'job', canned);
    expect([mode, made]).toEqual([mode, decoded ? { ok: expect.anything() } : { error: expect.any(String) }]);
  });
});
