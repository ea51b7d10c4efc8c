import { describe, expect, it } from 'vitest';
import { fingerprint } from '../../functions/jobs/fingerprint.ts';
import type { JobRequest } from '../../functions/jobs/request.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { DOCUMENT, id, MODEL } from '../support/jobs.ts';

const request: JobRequest = {
  kind: 'apply',
  model_id: MODEL,
  document_ids: [DOCUMENT, id(2)],
  model_params: { threshold: 0.5, nested: { a: [1, 2], b: null } },
  block_processing: false,
};
const print = (changed: Partial<JobRequest>) => fingerprint({ ...request, ...changed } as JobRequest, sha256);

describe('the fingerprint of a submission', () => {
  it('does not depend on the order of keys', () => {
    const { kind, ...rest } = request;
    const turned = { ...rest, model_params: { nested: { b: null, a: [1, 2] }, threshold: 0.5 }, kind };
    expect(fingerprint(turned as JobRequest, sha256)).toBe(fingerprint(request, sha256));
  });

  it('depends on everything else', () => {
    const prints = [
      {},
      { document_ids: [id(2), DOCUMENT] },
      { block_processing: true },
      { model_params: { threshold: 0.5, nested: { a: [2, 1], b: null } } },
      { model_params: { threshold: '0.5', nested: { a: [1, 2], b: null } } },
      { callback_url: 'http://cb.example/' },
    ].map(print);
    expect(new Set(prints).size).toBe(prints.length);
  });
});
