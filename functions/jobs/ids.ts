// Ids of jobs, minted before LEIA hears of them (D1): 24 lower-case hex digits, like an ObjectId (contract §6).

/** SHA-256 or the like, in lower-case hex. */
export type Hash = (text: string) => string;

/** A new id: the second of `now` (epoch milliseconds) first, so that ids sort by age; then 8 random bytes. */
export const mintId = (now: number, random: (bytes: number) => Uint8Array): string => {
  const second = Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0');
  return second + Array.from(random(8), (byte) => byte.toString(16).padStart(2, '0')).join('');
};

/** The id that this Idempotency-Key always has for this application. */
export const idOfKey = (applicationId: string, key: string, hash: Hash): string =>
  hash(JSON.stringify([applicationId, key])).slice(0, 24);
