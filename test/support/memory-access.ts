// Applications and sessions in memory, for tests: as the table.
import {
  type Access,
  type Application,
  Application as ApplicationSchema,
  type Session,
} from '../../functions/adapters/access.ts';
import type { Absence } from '../../functions/jobs/absence.ts';
import { type Breaker, closed } from '../../functions/jobs/breaker.ts';

type Entry = {
  application?: Application;
  keyHash?: string;
  breaker: Breaker;
  absence: Absence;
  lease?: { owner: string; until: number };
  watermarks: Record<string, number>;
};

/** Lets others run, as a request to a table would. */
const away = (): Promise<void> => Promise.resolve();

export const memoryAccess = (): Access => {
  const sessions = new Map<string, Session>();
  const keys = new Map<string, string>();
  const entries = new Map<string, Entry>();
  const strangers = new Map<string, string>();

  const entry = (id: string): Entry => {
    const known = entries.get(id) ?? { breaker: closed, absence: {}, watermarks: {} };
    entries.set(id, known);
    return known;
  };

  return {
    async openSession(tokenHash, session) {
      await away();
      sessions.set(tokenHash, { ...session });
    },
    async session(tokenHash, nowSeconds) {
      await away();
      const session = sessions.get(tokenHash);
      return session && session.expires_at > nowSeconds ? { ...session } : undefined;
    },
    async slideSession(tokenHash, expiresAt) {
      await away();
      const session = sessions.get(tokenHash);
      if (session) session.expires_at = Math.max(session.expires_at, expiresAt);
    },
    async closeSession(tokenHash) {
      await away();
      sessions.delete(tokenHash);
    },
    async saveApplication(application, keyHash) {
      await away();
      const { api_key: _never, ...kept } = ApplicationSchema.parse(application);
      Object.assign(entry(application.id), { application: structuredClone(kept), keyHash });
      keys.set(keyHash, application.id);
    },
    async application(id) {
      await away();
      return structuredClone(entries.get(id)?.application);
    },
    async applicationIds() {
      await away();
      return [...entries].filter(([, { application }]) => application).map(([id]) => id);
    },
    async applicationIdOfKey(keyHash) {
      await away();
      return keys.get(keyHash);
    },
    async keyHashOf(applicationId) {
      await away();
      return entries.get(applicationId)?.keyHash;
    },
    async noteStranger(applicationId, admin) {
      await away();
      strangers.set(applicationId, admin);
    },
    async strangers() {
      await away();
      return [...strangers.keys()];
    },
    async adminOf(stranger) {
      await away();
      return strangers.get(stranger);
    },
    async breaker(applicationId) {
      await away();
      return entries.get(applicationId)?.breaker ?? closed;
    },
    async changeBreaker(applicationId, decide) {
      for (;;) {
        await away();
        const before = entry(applicationId).breaker;
        const after = decide(before);
        if (after === undefined) return before;
        await away();
        if (entry(applicationId).breaker !== before) continue;
        entry(applicationId).breaker = { ...after };
        return after;
      }
    },
    async absence(applicationId) {
      await away();
      return { ...entries.get(applicationId)?.absence };
    },
    async changeAbsence(applicationId, decide) {
      for (;;) {
        await away();
        const before = entry(applicationId).absence;
        const after = decide({ ...before });
        if (after === undefined) return { ...before };
        await away();
        if (entry(applicationId).absence !== before) continue;
        entry(applicationId).absence = { ...after };
        return after;
      }
    },
    async takeLease(applicationId, owner, now, until) {
      await away();
      const { lease } = entry(applicationId);
      if (lease && lease.owner !== owner && lease.until > now) return false;
      entry(applicationId).lease = { owner, until };
      return true;
    },
    async dropLease(applicationId, owner) {
      await away();
      if (entry(applicationId).lease?.owner === owner) delete entry(applicationId).lease;
    },
    async watermarks(applicationId) {
      await away();
      return { ...entries.get(applicationId)?.watermarks };
    },
    async moveWatermark(applicationId, lane, to) {
      await away();
      const { watermarks } = entry(applicationId);
      watermarks[lane] = Math.max(watermarks[lane] ?? to, to);
    },
  };
};
