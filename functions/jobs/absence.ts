// What it means that LEIA does not know jobs that it had accepted (D7). Of a few: they are lost. Of many at once: that
// the address, the key or LEIA itself is wrong, and then nobody's word on any job is taken. Pure; epoch milliseconds.
import * as z from 'zod';

const count = z.number().int();

/** An application's state; all fields absent: nothing is wrong. */
export const Absence = z.object({
  /** What the sweeps since then met that knew of unknown jobs at all. */
  round: z.object({ began_at: count, asked: count, unknown: count }).optional(),
  /** Since when no job FAILS because LEIA does not know it. */
  halted_at: count.optional(),
  /** When a sweep last met an unknown job while that was so. */
  unknown_at: count.optional(),
  /** A person knows that LEIA lost many jobs: until then they FAIL, however many they are. */
  believed_until: count.optional(),
});
export type Absence = z.infer<typeof Absence>;

/** What one sweep met: how many jobs it asked about, how many of these LEIA did not know, whether it asked about all. */
export type Look = { asked: number; unknown: number; complete: boolean };

const MANY = 20;
const SHARE = 0.05;

export const isHalted = ({ halted_at }: Absence): boolean => halted_at !== undefined;

/**
 * The state after a sweep; undefined where it stays. Many unknown jobs halt, be it in one sweep or in all of a round: the
 * time in which each job is asked about once (`roundSeconds`). A halt ends by itself once no job was unknown for a whole
 * round, by a sweep that asked about all of its own.
 */
export const afterLook = (absence: Absence, look: Look, now: number, roundSeconds: number): Absence | undefined => {
  if (isHalted(absence)) return whileHalted(absence, look, now, roundSeconds);
  if (look.unknown === 0 || isBelieved(absence, now)) return undefined;
  const begun = absence.round && absence.round.began_at + roundSeconds * 1000 > now ? absence.round : undefined;
  const asked = look.asked + (begun?.asked ?? 0);
  const unknown = look.unknown + (begun?.unknown ?? 0);
  return isMass({ asked, unknown })
    ? { halted_at: now, unknown_at: now }
    : { ...absence, round: { began_at: begun?.began_at ?? now, asked, unknown } };
};

const whileHalted = (absence: Absence, look: Look, now: number, roundSeconds: number): Absence | undefined => {
  if (look.unknown > 0) return { ...absence, unknown_at: now };
  const calmSince = absence.unknown_at ?? absence.halted_at ?? now;
  return look.complete && calmSince + roundSeconds * 1000 <= now ? {} : undefined;
};

const isMass = ({ asked, unknown }: { asked: number; unknown: number }): boolean =>
  unknown > MANY && unknown > asked * SHARE;

const isBelieved = ({ believed_until }: Absence, now: number): boolean => (believed_until ?? 0) > now;

/** A person knows that LEIA is right again: unknown jobs count as a few do, and many halt again. */
export const haltEnded = (absence: Absence): Absence | undefined => (isHalted(absence) ? {} : undefined);

/** A person knows that LEIA has lost jobs for good: for so long, each one that it does not know FAILS. */
export const believed = (now: number, seconds: number): Absence => ({ believed_until: now + seconds * 1000 });
