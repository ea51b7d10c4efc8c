// Applications and callers for tests.
import type { Application } from '../../functions/adapters/access.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import type { Caller } from '../../functions/runtime/request.ts';
import { APPLICATION, T0 } from './jobs.ts';

export const API_KEY = 'b2l5qvfs6ob3xtnzhwp8i1d0kgucmya47';
export const TOKEN = 'a-token-of-ours';

export const anApplication = (given: Partial<Application> = {}): Application => ({
  id: APPLICATION,
  application_type: 'developer',
  application_name: 'tests',
  email: 'a@example.test',
  first_name: 'A',
  last_name: 'B',
  ...given,
});

export const aCaller = (given: Partial<Caller> = {}): Caller => ({
  application: anApplication(),
  session: { application_id: APPLICATION, key_hash: sha256(API_KEY), expires_at: T0 / 1000 + 86_400 },
  tokenHash: sha256(TOKEN),
  ...given,
});
