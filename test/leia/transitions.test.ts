import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { forceJob } from './rules/force.ts';
import type { Job } from './rules/model.ts';
import { isFinished, statuses } from './rules/model.ts';
import { advance, nextDue } from './rules/time.ts';
import { cancelJob, settle, startJob } from './rules/transitions.ts';
import type { World } from './rules/world.ts';
import { addPdf, buildWorld, classifier, submitTo } from './support/build.ts';

const predict = { kind: 'apply', model_id: classifier.short_name, classify: true, params: {} } as const;

describe('a job', () => {
  it('passes its stations by the clock alone', () => {
    const world = buildWorld([{ durationMs: 100 }]);
    const job = submitTo(world, [addPdf(world)], { work: predict });
    const seen = [job.status];
    for (let due = nextDue(world); due !== undefined; due = nextDue(world)) {
      advance(world, due);
      seen.push(job.status);
    }
    expect(seen).toEqual(['STARTING', 'LOADING_MODEL', 'PROCESSING', 'PROCESSED']);
    expect(job).toMatchObject({ starting_time: 1000, finished_time: 1100, http_code: 200, model_id: classifier.id });
  });

  it('gets its times right when the clock leaps', () => {
    const world = buildWorld([{ durationMs: 100 }]);
    const pdf = addPdf(world);
    const first = submitTo(world, [pdf]);
    const second = submitTo(world, [pdf], { executeAfterId: first.id });
    advance(world, 9000);
    expect([first.finished_time, second.starting_time, second.finished_time]).toEqual([1100, 1100, 1200]);
    expect(world.time).toBe(9000);
  });

  it('stays READY while new jobs are held', () => {
    const world = buildWorld();
    world.switches.holdJobs = true;
    const job = submitTo(world, [addPdf(world)]);
    advance(world, 9000);
    expect(job).toMatchObject({ status: 'READY', starting_time: null });
  });

  it('that is BLOCKED starts when told, once', () => {
    const world = buildWorld();
    const job = submitTo(world, [addPdf(world)], { blockProcessing: true });
    advance(world, 9000);
    expect(job.status).toBe('BLOCKED');
    startJob(world, job);
    expect(job.status).toBe('READY');
    expect(() => startJob(world, job)).toThrow(expect.objectContaining({ status: 404 }));
  });

  it.each(['FAILED', 'CANCELED'])('fails when its prerequisite is %s, BLOCKED or not', (ending) => {
    const world = buildWorld([{ match: { job_type: 'pdf-images' }, fail: { reason: 'broken' } }]);
    const pdf = addPdf(world);
    const first = submitTo(world, [pdf]);
    const waiting = submitTo(world, [pdf], { executeAfterId: first.id });
    const blocked = submitTo(world, [pdf], { executeAfterId: first.id, blockProcessing: true });
    if (ending === 'CANCELED') cancelJob(world, first);
    advance(world, 9000);
    for (const job of [waiting, blocked]) {
      expect(job).toMatchObject({ status: 'FAILED', reason: `Job ${first.id} ${ending}`, http_code: 400 });
    }
  });

  it('takes no cancel once it has finished', () => {
    const world = buildWorld();
    const job = submitTo(world, [addPdf(world)]);
    cancelJob(world, job);
    expect(job).toMatchObject({ status: 'CANCELED', finished_time: 1000, http_code: null });
    expect(() => cancelJob(world, job)).toThrow(expect.objectContaining({ status: 404 }));
  });

  it.each(['PROCESSING', 'FAILED', 'CANCELED'] as const)('forced into %s and then into READY runs again', (status) => {
    const world = buildWorld([{ durationMs: 100 }]);
    const job = submitTo(world, [addPdf(world)]);
    forceJob(world, job, { status });
    advance(world, 9000);
    expect(job.status).toBe(status);
    forceJob(world, job, { status: 'READY' });
    advance(world, 9999);
    expect(job).toMatchObject({ status: 'PROCESSED', starting_time: 9000, finished_time: 9100 });
  });

  it('of endless work is processed until it is cancelled', () => {
    const world = buildWorld([{ durationMs: null }]);
    const job = submitTo(world, [addPdf(world)]);
    expect([job.status, nextDue(world)]).toEqual(['PROCESSING', undefined]);
    advance(world, 9000);
    cancelJob(world, job);
    advance(world, 9999);
    expect(job).toMatchObject({ status: 'CANCELED', starting_time: 1000, finished_time: 9000 });
  });

  it('is not there before a hidden submission takes effect', () => {
    const world = buildWorld();
    world.switches.hiding = { ms: 500, times: 1 };
    const late = submitTo(world, [addPdf(world)]);
    expect(late.status).toBe('READY');
    advance(world, 1499);
    expect(late.status).toBe('READY');
    advance(world, 2000);
    expect(late).toMatchObject({ status: 'PROCESSED', creation_time: 1500, starting_time: 1500 });
  });

  it('vanishes with a document whose time is over', () => {
    const world = buildWorld();
    const pdf = Object.assign(addPdf(world), { expiration_time: 61_000 });
    const job = submitTo(world, [pdf]);
    advance(world, 60_999);
    expect(world.jobs.has(job.id)).toBe(true);
    advance(world, 61_000);
    expect([world.jobs.size, world.documents.size]).toEqual([0, 0]);
  });
});

type Step = { act: 'submit' | 'after' | 'block' | 'start' | 'cancel' | 'pass'; pick: number };

const take = (world: World, { act, pick }: Step): void => {
  const jobs = [...world.jobs.values()];
  const chosen = jobs[pick % Math.max(1, jobs.length)];
  if (act === 'pass') advance(world, world.time + pick);
  if (act === 'start' && chosen?.status === 'BLOCKED') startJob(world, chosen);
  if (act === 'cancel' && chosen && !isFinished(chosen.status)) cancelJob(world, chosen);
  if (act === 'submit' || act === 'after' || act === 'block') {
    const executeAfterId = act === 'after' && chosen ? chosen.id : null;
    submitTo(world, [addPdf(world)], { executeAfterId, blockProcessing: act === 'block' });
  }
  settle(world);
};

describe('whatever happens', () => {
  const steps = fc.array(
    fc.record({
      act: fc.constantFrom<Step['act']>('submit', 'after', 'block', 'start', 'cancel', 'pass'),
      pick: fc.nat(30),
    }),
    { maxLength: 40 },
  );
  const rank = (job: Job): number => (isFinished(job.status) ? 100 : statuses.indexOf(job.status));

  it('no status goes back, and nothing leaves a finished one', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const world = buildWorld([
          { times: 3, durationMs: 15 },
          { times: 2, fail: { reason: 'broken' } },
        ]);
        const before = new Map<string, { rank: number; status: string }>();
        for (const step of taken) {
          take(world, step);
          for (const job of world.jobs.values()) {
            const was = before.get(job.id);
            expect(rank(job)).toBeGreaterThanOrEqual(was?.rank ?? 0);
            if (was?.rank === 100) expect(job.status).toBe(was.status);
            before.set(job.id, { rank: rank(job), status: job.status });
          }
        }
      }),
    );
  });
});
