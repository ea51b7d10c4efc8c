import { describe, expect, it } from 'vitest';
import { aBoundJob, aJob, aRequest, id } from '../support/jobs.ts';
import { type Images, memoryMirror } from '../support/memory-mirror.ts';
import { mirrorContract } from './mirror-contract.ts';

describe('the mirror in memory', () => {
  mirrorContract(memoryMirror);

  it('tells of each change as the stream does, with no large result', async () => {
    const mirror = memoryMirror();
    const seen: Images[] = [];
    const stop = mirror.changes((images) => seen.push(images));
    await mirror.create(aBoundJob(), aRequest());
    await mirror.change(id(1), (job) => ({ ...job, status: 'PROCESSED', result: `"${'x'.repeat(5000)}"` }));
    stop();
    await mirror.change(id(1), (job) => ({ ...job, attempt: 7 }));
    expect(seen.map(({ before, after }) => [before?.status, after.status])).toEqual([
      [undefined, 'READY'],
      ['READY', 'PROCESSED'],
    ]);
    expect(seen[1]?.after.result).toBeUndefined();
  });

  it('shows everything it holds', async () => {
    const mirror = memoryMirror();
    await mirror.create(aJob({ stage: 'held', held_for: id(2) }), aRequest());
    expect(mirror.snapshot()).toMatchObject({
      jobs: [{ id: id(1) }],
      requests: { [id(1)]: { kind: 'transform' } },
      dependents: { [id(2)]: [id(1)] },
    });
  });

  it('hands out copies: who changes what it read changes nothing', async () => {
    const mirror = memoryMirror();
    await mirror.create(aJob());
    const job = await mirror.job(id(1));
    job?.document_ids.push('another');
    expect((await mirror.job(id(1)))?.document_ids).toHaveLength(1);
  });
});
