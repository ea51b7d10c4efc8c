import { describe, expect, it } from 'vitest';
import { afterPrerequisite, effectsOf, effectsOwed } from '../../functions/jobs/effects.ts';
import { instant, type JobRecord } from '../../functions/jobs/job.ts';
import { aBoundJob, aJob, id, T0 } from '../support/jobs.ts';

const ended = aBoundJob({ status: 'PROCESSED', follow_up_due: instant(T0) });

describe('the effects of a change', () => {
  it('of status: the change is published under an id that stays', () => {
    const effects = effectsOf(aBoundJob({ status: 'READY' }), aBoundJob({ status: 'PROCESSING' }));
    expect(effects).toEqual([{ effect: 'publish', id: `${id(1)}/PROCESSING`, from: 'READY', to: 'PROCESSING' }]);
  });

  it('of nothing that matters: none', () => {
    expect(effectsOf(aBoundJob(), aBoundJob({ observed_at: instant(T0 + 1) }))).toEqual([]);
  });

  it('to an ending: it is published, and what waits is released', () => {
    expect(effectsOf(aBoundJob(), ended).map(({ effect }) => effect)).toEqual(['publish', 'release-dependents']);
  });

  it('to the end of a chain: its children end as well, and its execution unless that has told of the end', () => {
    const effectsOfEnd = (given: Partial<JobRecord>) =>
      effectsOf(chain, { ...chain, follow_up_due: instant(T0), ...given }).map(({ effect }) => effect);
    const chain = aJob({ job_type: 'conditional', stage: 'chained', status: 'PROCESSING' });
    const byExecution = { observed_via: 'chain' } as const;
    expect(effectsOfEnd({ status: 'CANCELED' })).toEqual(['publish', 'stop-chain', 'release-dependents']);
    expect(effectsOfEnd({ status: 'FAILED', ...byExecution })).toEqual([
      'publish',
      'cancel-children',
      'release-dependents',
    ]);
    expect(effectsOfEnd({ status: 'PROCESSED', ...byExecution })).toEqual(['publish', 'release-dependents']);
  });

  it('from nothing to a held job: its prerequisite may have ended before', () => {
    const effects = effectsOf(undefined, aJob({ stage: 'held', held_for: id(2), status: 'WAITING' }));
    expect(effects).toContainEqual({ effect: 'check-prerequisite', prerequisite: id(2) });
  });

  it('to the end of a job that was never sent: the one it came after forgets it', () => {
    const dropped = aJob({ stage: 'dropped', status: 'CANCELED', execute_after_id: id(2), follow_up_due: instant(T0) });
    const leave = { effect: 'leave-prerequisite', prerequisite: id(2) };
    expect(effectsOf(aJob({ stage: 'held', held_for: id(2), status: 'BLOCKED' }), dropped)).toContainEqual(leave);
    expect(effectsOwed(dropped)).toContainEqual(leave);
  });

  it('to a refused submission: none, no client knows of it', () => {
    expect(effectsOf(aJob(), aJob({ status: 'FAILED', refusal: { status: 404, detail: '' } }))).toEqual([]);
  });

  it('to a job whose token is still looked up: none, and once that is known as if it were new', () => {
    const early = aJob({ stage: 'claimed', unproven: 'hash' });
    expect(effectsOf(undefined, early)).toEqual([]);
    const told = { effect: 'publish', id: `${id(1)}/READY`, from: null, to: 'READY' };
    expect(effectsOf(early, aBoundJob({ status: 'READY' }))).toEqual([told]);
  });

  it('are owed until the follow-ups are marked as done, the event under its first id', () => {
    expect(effectsOwed(ended)).toEqual([
      { effect: 'publish', id: `${id(1)}/PROCESSED`, from: null, to: 'PROCESSED' },
      { effect: 'release-dependents' },
    ]);
    expect(effectsOwed(aBoundJob({ status: 'PROCESSED' }))).toEqual([]);
  });
});

describe('the caller of a job', () => {
  const tells = (given: Partial<JobRecord>) => {
    const job = { ...ended, ...given };
    const owed = effectsOwed(job).some(({ effect }) => effect === 'tell-caller');
    expect(effectsOf({ ...job, status: 'PROCESSING' }, job).some(({ effect }) => effect === 'tell-caller')).toBe(owed);
    return owed;
  };
  const url = { callback_url: 'https://cb.example/' };
  const submitted = { fingerprint: 'of the submission' };
  const step = { step: { rule: 0, entry: 0 }, parent_job_id: id(2) };

  it('is told of its end', () => expect(tells({ ...submitted, ...url })).toBe(true));
  it('may be told by a default URL', () => expect(tells(submitted)).toBe(true));
  it('of a chain hears of a step only by a URL of the step', () => {
    expect(tells({ ...step, ...url })).toBe(true);
    expect(tells(step)).toBe(false);
  });
  it('hears of adopted jobs from LEIA', () => expect([tells(url), tells({})]).toEqual([false, false]));
  it('hears of its end whatever that is, and once', () => {
    for (const status of ['FAILED', 'CANCELED'] as const) expect(tells({ ...submitted, ...url, status })).toBe(true);
    const after = { ...ended, ...submitted, ...url };
    expect(effectsOf(after, { ...after, version: 2 })).toEqual([]);
  });
  it('that was refused hears of nothing', () =>
    expect(tells({ ...submitted, ...url, refusal: { status: 404, detail: '' } })).toBe(false));
});

describe('a prerequisite', () => {
  it('that is not finished says nothing', () => expect(afterPrerequisite(aBoundJob())).toBeUndefined());
  it('that is PROCESSED lets go', () => expect(afterPrerequisite(ended)).toEqual({ release: true }));
  it.each(['FAILED', 'CANCELED'] as const)(
    'that is %s fails what waits for it, in the words of contract §8 row 28',
    (status) => {
      expect(afterPrerequisite(aBoundJob({ status }))).toEqual({ fail: `Job ${id(1)} ${status}` });
    },
  );
});
