// What every store of applications and sessions promises; run against the one in memory and the one on DynamoDB.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Access, Application, Session } from '../../functions/adapters/access.ts';
import { closed } from '../../functions/jobs/breaker.ts';
import { newId } from '../support/new-id.ts';

const nowSeconds = 1_800_000_000;

export const accessContract = (make: () => Access | Promise<Access>): void => {
  let access: Access;
  let application: Application;
  beforeAll(async () => {
    access = await make();
  });
  beforeEach(() => {
    application = {
      id: newId(),
      application_type: 'developer',
      email: '',
      first_name: 'Ada',
      last_name: 'Lovelace',
      default_job_callback_url: null,
      job_counts: { 'predict-1': 2 },
      dedicated_workers_ttl: 1.5,
    };
  });

  const newSession = (given: Partial<Session> = {}): Session => ({
    application_id: application.id,
    key_hash: newId(),
    expires_at: nowSeconds + 60,
    ...given,
  });

  describe('a session', () => {
    it('is there from its opening until it expires', async () => {
      const token = newId();
      const session = newSession();
      expect(await access.session(token, nowSeconds)).toBeUndefined();
      await access.openSession(token, session);
      expect(await access.session(token, nowSeconds)).toEqual(session);
      expect(await access.session(token, nowSeconds + 59)).toEqual(session);
      expect(await access.session(token, nowSeconds + 60)).toBeUndefined();
    });

    it('slides, but never back', async () => {
      const token = newId();
      await access.openSession(token, newSession());
      await access.slideSession(token, nowSeconds + 600);
      await access.slideSession(token, nowSeconds + 100);
      expect((await access.session(token, nowSeconds))?.expires_at).toBe(nowSeconds + 600);
    });

    it('that was closed stays closed, even if it is slid meanwhile', async () => {
      const token = newId();
      await access.openSession(token, newSession());
      await access.closeSession(token);
      await access.slideSession(token, nowSeconds + 600);
      expect(await access.session(token, nowSeconds)).toBeUndefined();
    });

    it('is one of many of its application', async () => {
      const [first, second] = [newId(), newId()];
      await access.openSession(first, newSession());
      await access.openSession(second, newSession());
      await access.closeSession(first);
      expect(await access.session(second, nowSeconds)).toBeDefined();
    });
  });

  describe('an application', () => {
    it('is kept as LEIA tells it, without its API key', async () => {
      const keyHash = newId();
      await access.saveApplication({ ...application, api_key: 'never' }, keyHash);
      expect(await access.application(application.id)).toEqual(application);
      expect(await access.applicationIdOfKey(keyHash)).toBe(application.id);
      expect(await access.keyHashOf(application.id)).toBe(keyHash);
      expect(await access.applicationIds()).toContain(application.id);
    });

    it('goes by the key that it logged in with last; the older one still leads to it', async () => {
      const [older, newer] = [newId(), newId()];
      await access.saveApplication(application, older);
      await access.saveApplication({ ...application, first_name: 'Augusta' }, newer);
      expect(await access.keyHashOf(application.id)).toBe(newer);
      expect(await access.applicationIdOfKey(older)).toBe(application.id);
      expect((await access.application(application.id))?.first_name).toBe('Augusta');
    });

    it('that never logged in is unknown, whatever else is kept for it', async () => {
      await access.takeLease(application.id, 'me', 1, 2);
      expect(await access.application(application.id)).toBeUndefined();
      expect(await access.keyHashOf(application.id)).toBeUndefined();
      expect(await access.applicationIdOfKey(newId())).toBeUndefined();
      expect(await access.applicationIds()).not.toContain(application.id);
    });

    it('keeps breaker, lease and watermarks over a login', async () => {
      await access.changeBreaker(application.id, () => ({ failures: 3, open_until: 9 }));
      await access.moveWatermark(application.id, 'sent', 7);
      await access.takeLease(application.id, 'me', 1, 100);
      await access.saveApplication(application, newId());
      expect(await access.breaker(application.id)).toEqual({ failures: 3, open_until: 9 });
      expect(await access.watermarks(application.id)).toEqual({ sent: 7 });
      expect(await access.takeLease(application.id, 'you', 50, 200)).toBe(false);
    });
  });

  describe('a stranger', () => {
    it('is remembered with the admin who saw it last, and is no application of the bundle', async () => {
      expect(await access.adminOf(application.id)).toBeUndefined();
      await access.noteStranger(application.id, 'an admin');
      await access.noteStranger(application.id, 'another admin');
      expect(await access.adminOf(application.id)).toBe('another admin');
      expect((await access.strangers()).filter((id) => id === application.id)).toHaveLength(1);
      expect(await access.applicationIds()).not.toContain(application.id);
    });
  });

  describe('a breaker', () => {
    it('is closed at first, and when there is nothing to change stays as it is', async () => {
      expect(await access.breaker(application.id)).toEqual(closed);
      expect(await access.changeBreaker(application.id, () => undefined)).toEqual(closed);
      expect(await access.breaker(application.id)).toEqual(closed);
    });

    it('counts every failure of many at the same time', async () => {
      const failed = () =>
        access.changeBreaker(application.id, ({ failures }) => ({ failures: failures + 1, open_until: 0 }));
      await Promise.all([failed(), failed(), failed(), failed(), failed()]);
      expect(await access.breaker(application.id)).toEqual({ failures: 5, open_until: 0 });
    });

    it('gives a probe to one of many', async () => {
      await access.changeBreaker(application.id, () => ({ failures: 5, open_until: 10 }));
      const probe = async (): Promise<boolean> => {
        let mine = false;
        await access.changeBreaker(application.id, (breaker) => {
          mine = breaker.open_until === 10;
          return mine ? { ...breaker, open_until: 20 } : undefined;
        });
        return mine;
      };
      const probes = await Promise.all([probe(), probe(), probe(), probe()]);
      expect(probes.filter((mine) => mine)).toHaveLength(1);
    });
  });

  describe('what is known of absences', () => {
    it('is nothing at first, and stays as it is when there is nothing to change', async () => {
      expect(await access.absence(application.id)).toEqual({});
      expect(await access.changeAbsence(application.id, () => undefined)).toEqual({});
      expect(await access.absence(application.id)).toEqual({});
    });

    it('is what was decided last, and outlasts a login', async () => {
      const halted = { halted_at: 7, unknown_at: 9 };
      expect(await access.changeAbsence(application.id, () => halted)).toEqual(halted);
      await access.saveApplication(application, newId());
      expect(await access.absence(application.id)).toEqual(halted);
      await access.changeAbsence(application.id, () => ({}));
      expect(await access.absence(application.id)).toEqual({});
    });

    it('takes in the decisions of all who decide at the same time', async () => {
      const met = () =>
        access.changeAbsence(application.id, ({ round }) => ({
          round: { began_at: 1, asked: 10 + (round?.asked ?? 0), unknown: 1 + (round?.unknown ?? 0) },
        }));
      await Promise.all([met(), met(), met(), met()]);
      expect(await access.absence(application.id)).toEqual({ round: { began_at: 1, asked: 40, unknown: 4 } });
    });
  });

  describe('the lease of a sweep', () => {
    it('is held by one until it ends or is dropped', async () => {
      expect(await access.takeLease(application.id, 'first', 0, 100)).toBe(true);
      expect(await access.takeLease(application.id, 'second', 99, 200)).toBe(false);
      expect(await access.takeLease(application.id, 'second', 100, 200)).toBe(true);
      await access.dropLease(application.id, 'second');
      expect(await access.takeLease(application.id, 'third', 101, 300)).toBe(true);
    });

    it('can be prolonged by its owner, and dropped by nobody else', async () => {
      await access.takeLease(application.id, 'first', 0, 100);
      expect(await access.takeLease(application.id, 'first', 50, 500)).toBe(true);
      await access.dropLease(application.id, 'second');
      expect(await access.takeLease(application.id, 'second', 200, 600)).toBe(false);
    });

    it('goes to one of many', async () => {
      const owners = ['a', 'b', 'c', 'd', 'e'];
      const taken = await Promise.all(owners.map((owner) => access.takeLease(application.id, owner, 0, 100)));
      expect(taken.filter((mine) => mine)).toHaveLength(1);
    });
  });

  describe('watermarks', () => {
    it('move forward, each for itself, never back', async () => {
      expect(await access.watermarks(application.id)).toEqual({});
      await access.moveWatermark(application.id, 'sent', 20);
      await access.moveWatermark(application.id, 'held', 5);
      await access.moveWatermark(application.id, 'sent', 10);
      expect(await access.watermarks(application.id)).toEqual({ sent: 20, held: 5 });
      await access.moveWatermark(application.id, 'sent', 30);
      expect(await access.watermarks(application.id)).toEqual({ sent: 30, held: 5 });
    });
  });
};
