// LEIA's callbacks on their way to the bundle.
import type { Callback } from '../../leia/rules/callbacks.ts';
import { BUNDLE_URL } from '../cloud/dependencies.ts';
import type { HttpReply, HttpRequest } from '../cloud/gateway.ts';
import type { Faults } from '../faults.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Scheduler } from '../kernel/scheduler.ts';
import type { Ledger } from '../programs/ledger.ts';

type Parts = {
  scheduler: Scheduler;
  chance: Chance;
  faults: Faults;
  ledger: Ledger;
  http: (request: HttpRequest) => Promise<HttpReply>;
};

/** Tells LEIA how the delivery ended; of one that is lost LEIA thinks that it arrived. */
export const callbacksOf =
  ({ scheduler, chance, faults, ledger, http }: Parts) =>
  async (callback: Callback): Promise<number | 'unreachable'> => {
    const { url, body, headers, jobId, status } = callback;
    // Of somebody else's job.
    if (!url.startsWith(BUNDLE_URL)) return 204;
    const what = `LEIA calls back about ${jobId} ${status}`;
    const deliver = async (wait: number): Promise<number> => {
      await scheduler.sleep(wait, what);
      if (faults.strikes('callback-crowded-out')) {
        scheduler.note(() => `${what} – crowded out`);
        return chance.pick([429, 503]);
      }
      const reply = await http({ method: 'POST', path: new URL(url).pathname, headers, body });
      if (reply.status >= 400 && reply.status < 500)
        ledger.violations.push(`a callback about ${jobId} was refused with ${reply.status}`);
      return reply.status;
    };
    if (faults.strikes('callback-lost')) {
      scheduler.note(() => `${what} – lost`);
      return 204;
    }
    if (faults.strikes('callback-twice')) void deliver(chance.between(5, 90_000));
    return deliver(faults.strikes('callback-late') ? chance.between(10_000, 400_000) : chance.between(5, 100));
  };
