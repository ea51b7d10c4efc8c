// The callback URL that an application has set at LEIA for those of its jobs that name none (contract §4.7).
import { LRUCache } from 'lru-cache';
import type { Found, Unavailable } from '../adapters/leia-api.ts';
import type { Deps } from './deps.ts';
import { leiaOf, noteUnavailable } from './leia-of.ts';

/** Null: there is none. Undefined: LEIA did not say. */
export type DefaultCallbacks = (
  deps: Pick<Deps, 'access' | 'leiaForKey' | 'count' | 'warn'>,
  submitter: string,
) => Promise<string | null | undefined>;

type Said = Found<string | null> | Unavailable;
type Asked = { until: number; answer: Promise<Said> };

/** A LEIA that did not answer is asked again no sooner than this, however many jobs end. */
const failureSeconds = 5;

/** LEIA is asked once for all jobs of an application that end within `maxAgeSeconds`. */
export const defaultCallbacks = ({
  maxAgeSeconds,
  now,
}: {
  maxAgeSeconds: number;
  now: () => number;
}): DefaultCallbacks => {
  const asked = new LRUCache<string, Asked>({ max: 1000 });
  return async (deps, submitter) => {
    const known = asked.get(submitter);
    if (known && now() < known.until) return urlOf(await known.answer);
    const asking = { until: now() + maxAgeSeconds * 1000, answer: ask(deps, submitter) };
    asked.set(submitter, asking);
    const said = await asking.answer;
    if (said.outcome === 'unavailable') {
      asking.until = now() + Math.min(maxAgeSeconds, failureSeconds) * 1000;
      noteUnavailable(deps, submitter, said);
    }
    return urlOf(said);
  };
};

const urlOf = (said: Said): string | null | undefined => (said.outcome === 'found' ? said.value : undefined);

/** An application whose key is gone from the secret, or that LEIA does not show, has nobody who is to be told. */
const ask = async (deps: Pick<Deps, 'access' | 'leiaForKey'>, submitter: string): Promise<Said> => {
  const leia = await leiaOf(deps, submitter);
  if (!leia) return { outcome: 'found', value: null };
  const said = await leia.application();
  if (said.outcome === 'unavailable') return said;
  return { outcome: 'found', value: (said.outcome === 'found' && said.value.default_job_callback_url) || null };
};
