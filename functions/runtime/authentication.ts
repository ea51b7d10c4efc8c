// Who calls: from the header `token` to the application behind it (D9).
import type { Access } from '../adapters/access.ts';
import { sha256 } from './hash.ts';
import { memory } from './memory.ts';
import { notLoggedIn } from './problem.ts';
import type { Caller } from './request.ts';

/**
 * Undefined for a token that nobody has, that has ended, or whose API key is no longer in the secret. With `early`, a
 * caller seen within the last minute comes before the table has said so again, and with a `proof` to wait for.
 */
export type Authenticate = (token: string, how?: { early: boolean }) => Promise<Caller | undefined>;

type Deps = {
  access: Pick<Access, 'session' | 'slideSession' | 'application'>;
  /** Kept in memory for five minutes at most, so that a key's removal ends its sessions within that time. */
  secrets: { keyByHash(hash: string): Promise<object | undefined> };
  /** Epoch milliseconds. */
  now: () => number;
  sessionSeconds: number;
};

/** Our tokens have 43 characters; nobody needs us to hash a megabyte. */
const MAX_TOKEN = 200;

/** So long a container knows whose a token was. It never takes its own word for it: see `proof`. */
const SEEN_SECONDS = 60;

export const authentication = (deps: Deps): Authenticate => {
  const seen = memory<Caller>(deps.now, SEEN_SECONDS);
  return async (token, how) => {
    if (token === '' || token.length > MAX_TOKEN) return undefined;
    const tokenHash = sha256(token);
    const known = how?.early ? seen.of(tokenHash) : undefined;
    const answer = look(deps, tokenHash).then((caller) => seen.note(tokenHash, caller));
    return known ? { ...known, proof: proofOf(answer) } : answer;
  };
};

const proofOf = async (answer: Promise<Caller | undefined>): Promise<void> => {
  if (!(await answer)) throw notLoggedIn();
};

const look = async (deps: Deps, tokenHash: string): Promise<Caller | undefined> => {
  const seconds = Math.floor(deps.now() / 1000);
  const session = await deps.access.session(tokenHash, seconds);
  if (!session || !(await deps.secrets.keyByHash(session.key_hash))) return undefined;
  const application = await deps.access.application(session.application_id);
  if (!application) return undefined;
  // A session slides with use (contract §1.2), at one write for each half of its life rather than one a request.
  if (session.expires_at - seconds < deps.sessionSeconds / 2) {
    await deps.access.slideSession(tokenHash, seconds + deps.sessionSeconds);
  }
  return { application, session, tokenHash };
};
