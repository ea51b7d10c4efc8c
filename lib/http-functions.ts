// The functions that answer HTTP requests (functions/runtime/routes.ts says which of them serves what).
import { Construct } from 'constructs';
import { type HttpFunction, routes } from '../functions/runtime/routes.ts';
import {
  type Ability,
  answerJobs,
  askLeia,
  authenticate,
  discoverJobs,
  type Ground,
  judgeCallbacks,
  keepApplications,
  keepJobs,
  limitDepth,
  limitEntries,
  limitIds,
  listJobs,
  sendJobs,
  signCallbacks,
} from './abilities.ts';
import { BundleFunction } from './bundle-function.ts';

const abilities: Record<HttpFunction, readonly Ability[]> = {
  'submit-job': [
    authenticate,
    keepJobs,
    keepApplications,
    askLeia,
    signCallbacks,
    sendJobs,
    answerJobs,
    limitIds,
    limitEntries,
    limitDepth,
    judgeCallbacks,
  ],
  'control-job': [authenticate, keepJobs, keepApplications, askLeia, signCallbacks, answerJobs],
  'read-jobs': [authenticate, keepJobs, askLeia, signCallbacks, answerJobs, limitIds, discoverJobs, listJobs],
  'explain-job': [authenticate, keepJobs, askLeia, signCallbacks, limitIds, limitEntries, judgeCallbacks],
  session: [authenticate, askLeia],
  'proxy-leia': [authenticate, askLeia],
  'receive-callback': [keepJobs, signCallbacks],
};

export class HttpFunctions extends Construct {
  readonly byName: ReadonlyMap<HttpFunction, BundleFunction>;

  constructor(scope: Construct, id: string, ground: Ground) {
    super(scope, id);
    const { receiveConcurrency } = ground.settings;
    const make = (name: HttpFunction) => {
      // Whoever floods it with forged callbacks takes nothing from the others (D10).
      const concurrency = name === 'receive-callback' ? { concurrency: receiveConcurrency } : {};
      return new BundleFunction(this, name, { ground, abilities: abilities[name], ...concurrency });
    };
    const served = new Set(routes.map(({ by }) => by));
    this.byName = new Map([...served].map((name) => [name, make(name)]));
    this.byName
      .get('receive-callback')
      ?.alarmOnThrottles('LEIA’s callbacks are crowded out: the sweep finds what they would have told.');
  }
}
