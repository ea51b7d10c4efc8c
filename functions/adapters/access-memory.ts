// What a container remembers of applications, so that not every request asks the table for it again. Sessions are
// never taken from memory: a logout ends one everywhere at once.
import { type Breaker, closed } from '../jobs/breaker.ts';
import { memory } from '../runtime/memory.ts';
import type { Access, Application } from './access.ts';

/** LEIA's description of an application changes with a login at most. */
const applicationSeconds = 60;

/**
 * So long a breaker that was closed counts as closed. One that another container has opened meanwhile lets at most one
 * more submission of this container through: its failure makes it look again.
 */
const closedSeconds = 5;

/** So long a stranger need not be noted again. */
const strangerSeconds = 3600;

/** `access` with a memory. `now`: epoch milliseconds. */
export const withMemory = (access: Access, now: () => number): Access => {
  const applications = memory<Application>(now, applicationSeconds);
  const breakers = memory<Breaker>(now, closedSeconds);
  const strangers = memory<string>(now, strangerSeconds);
  const noted = (id: string, breaker: Breaker): Breaker => {
    breakers.note(id, isAtRest(breaker) ? breaker : undefined);
    return breaker;
  };
  return {
    ...access,
    saveApplication: async (application, keyHash) => {
      await access.saveApplication(application, keyHash);
      applications.note(application.id, undefined);
    },
    application: async (id) => applications.of(id) ?? applications.note(id, await access.application(id)),
    noteStranger: async (id, admin) => {
      if (strangers.of(id) === admin) return;
      await access.noteStranger(id, admin);
      strangers.note(id, admin);
    },
    breaker: async (id) => breakers.of(id) ?? noted(id, await access.breaker(id)),
    changeBreaker: async (id, decide) => noted(id, await access.changeBreaker(id, decide)),
  };
};

/** With failures it may open any moment, and its next success counts. */
const isAtRest = ({ failures, open_until }: Breaker): boolean =>
  failures === closed.failures && open_until === closed.open_until;
