// A scripted LEIA for each test of a file, and clients that ask it.
import { afterEach, beforeEach } from 'vitest';
import { type LeiaOptions, leiaClient } from '../../functions/adapters/leia.ts';
import { type Script, type ScriptedLeia, scriptedLeia } from './scripted-leia.ts';

/** The LEIA of the test that runs; it answers with `first` until a test says otherwise. */
export const askedLeia = (...first: Script[]) => {
  let now: ScriptedLeia;
  beforeEach(async () => {
    now = await scriptedLeia();
    if (first.length > 0) now.answers(...first);
  });
  afterEach(() => now.close());
  const leia: ScriptedLeia = {
    get url() {
      return now.url;
    },
    get received() {
      return now.received;
    },
    get logins() {
      return now.logins;
    },
    answers: (...scripts) => now.answers(...scripts),
    answersLogins: (...scripts) => now.answersLogins(...scripts),
    close: () => now.close(),
  };
  const client = (options: Partial<LeiaOptions> = {}) =>
    leiaClient({ url: leia.url, apiKey: 'the-api-key', timeoutSeconds: 1, ...options });
  return { leia, client };
};
