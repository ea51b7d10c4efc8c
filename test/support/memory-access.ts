// Applications and sessions in memory, for tests: as the table.
import {
  type Access,
  type Application,
  Application as ApplicationSchema,
  type Session,
} from '../../functions/adapters/access.ts';
import type { Absence } from '../../functions/jobs/absence.ts';
import { type Breaker, closed } from '../../functions/jobs/breaker.ts';
import { quickTrip, type Trip } from './trip.ts';

type Entry = {
  application?: Application;
  keyHash?: string;
  breaker: Breaker;
  absence: Absence;
  lease?: { owner: string; until: number };
  watermarks: Record<string, number>;
};

export type MemoryAccess = Access & {
  /** The same for another process, whose requests make such trips. */
  by(trip: Trip): Access;
  /** Who holds a lease, for a look at it. */
  leases(): string[];
};

export const memoryAccess = (): MemoryAccess => {
  const sessions = new Map<string, Session>();
  const keys = new Map<string, string>();
  const entries = new Map<string, Entry>();
  const strangers = new Map<string, string>();

  const entry = (id: string): Entry => {
    const known = entries.get(id) ?? { breaker: closed, absence: {}, watermarks: {} };
    entries.set(id, known);
    return known;
  };

  const by = (trip: Trip): Access => ({
    openSession: (tokenHash, session) => trip('open session', () => void sessions.set(tokenHash, { ...session })),
    session: (tokenHash, nowSeconds) =>
      trip('read session', () => {
        const session = sessions.get(tokenHash);
        return session && session.expires_at > nowSeconds ? { ...session } : undefined;
      }),
    slideSession: (tokenHash, expiresAt) =>
      trip('slide session', () => {
        const session = sessions.get(tokenHash);
        if (session) session.expires_at = Math.max(session.expires_at, expiresAt);
      }),
    closeSession: (tokenHash) => trip('close session', () => void sessions.delete(tokenHash)),
    saveApplication: (application, keyHash) =>
      trip(`save application ${application.id}`, () => {
        const { api_key: _never, ...kept } = ApplicationSchema.parse(application);
        Object.assign(entry(application.id), { application: structuredClone(kept), keyHash });
        keys.set(keyHash, application.id);
      }),
    application: (id) => trip(`read application ${id}`, () => structuredClone(entries.get(id)?.application)),
    applicationIds: () =>
      trip('read applications', () => [...entries].filter(([, { application }]) => application).map(([id]) => id)),
    applicationIdOfKey: (keyHash) => trip('read application of key', () => keys.get(keyHash)),
    keyHashOf: (applicationId) => trip('read key of application', () => entries.get(applicationId)?.keyHash),
    noteStranger: (applicationId, admin) => trip('note a stranger', () => void strangers.set(applicationId, admin)),
    strangers: () => trip('read strangers', () => [...strangers.keys()]),
    adminOf: (stranger) => trip('read the admin of a stranger', () => strangers.get(stranger)),
    breaker: (applicationId) => trip('read breaker', () => entries.get(applicationId)?.breaker ?? closed),
    async changeBreaker(applicationId, decide) {
      for (;;) {
        const before = await trip('read breaker', () => entry(applicationId).breaker);
        const after = decide(before);
        if (after === undefined) return before;
        const isWritten = await trip('write breaker', () => {
          const isSame = entry(applicationId).breaker === before;
          if (isSame) entry(applicationId).breaker = { ...after };
          return isSame;
        });
        if (isWritten) return after;
      }
    },
    absence: (applicationId) => trip('read absence', () => ({ ...entries.get(applicationId)?.absence })),
    async changeAbsence(applicationId, decide) {
      for (;;) {
        const before = await trip('read absence', () => entry(applicationId).absence);
        const after = decide({ ...before });
        if (after === undefined) return { ...before };
        const isWritten = await trip('write absence', () => {
          const isSame = entry(applicationId).absence === before;
          if (isSame) entry(applicationId).absence = { ...after };
          return isSame;
        });
        if (isWritten) return after;
      }
    },
    takeLease: (applicationId, owner, now, until) =>
      trip('take lease', () => {
        const { lease } = entry(applicationId);
        if (lease && lease.owner !== owner && lease.until > now) return false;
        entry(applicationId).lease = { owner, until };
        return true;
      }),
    dropLease: (applicationId, owner) =>
      trip('drop lease', () => {
        if (entry(applicationId).lease?.owner === owner) delete entry(applicationId).lease;
      }),
    watermarks: (applicationId) => trip('read watermarks', () => ({ ...entries.get(applicationId)?.watermarks })),
    moveWatermark: (applicationId, lane, to) =>
      trip(`move watermark ${lane}`, () => {
        const { watermarks } = entry(applicationId);
        watermarks[lane] = Math.max(watermarks[lane] ?? to, to);
      }),
  });

  return {
    ...by(quickTrip),
    by,
    leases: () => [...entries.values()].flatMap(({ lease }) => lease?.owner ?? []),
  };
};
