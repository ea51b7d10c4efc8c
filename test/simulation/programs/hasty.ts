// Somebody who cancels at the worst moments: while an attempt is on its way, in doubt, or between two steps of a chain.
import { isFinished, type JobRecord } from '../../../functions/jobs/job.ts';
import { basePath } from '../../../functions/runtime/routes.ts';
import type { Images } from '../../support/memory-mirror.ts';
import { gatewayOf } from '../cloud/gateway.ts';
import { applications } from '../leia/leia.ts';
import type { Stage } from '../run.ts';
import type { Asked } from './ledger.ts';

export const startHasty = (stage: Stage): void => {
  const { scheduler, chance, ground, ledger, until } = stage;
  if (chance.happens(0.6)) return;
  const hasten = (id: string, millis: () => number): void => {
    const asked = ledger.byId(id);
    if (!asked || ledger.cancelled.has(id) || scheduler.now() > until || !chance.happens(0.25)) return;
    void cancel(stage, { asked, id, at: scheduler.now() + millis() });
  };
  ground.mirror.changes((images) => {
    const id = atWorst(images);
    if (id !== undefined) hasten(id, () => (chance.happens(0.7) ? chance.between(0, 500) : chance.between(0, 3000)));
  });
  // While the entry of a rule becomes a job.
  ground.onStep((chain, begins) => hasten(chain, () => begins + chance.between(-60, 60)));
};

/** The job to be cancelled now, if any. */
const atWorst = ({ before, after }: Images): string | undefined => {
  if (after.parent_job_id !== null) return becomes(before, after, isFinished) ? after.parent_job_id : undefined;
  const isWorst =
    becomes(before, after, ({ stage }) => stage === 'claimed') ||
    becomes(before, after, ({ doubt_since }) => doubt_since !== undefined) ||
    becomes(before, after, ({ stage }) => stage === 'chained');
  return isWorst ? after.id : undefined;
};

const becomes = (before: JobRecord | undefined, after: JobRecord, holds: (job: JobRecord) => boolean): boolean =>
  holds(after) && !(before && holds(before));

type Hasty = { asked: Asked; id: string; at: number };

const cancel = async ({ ground, secret, ledger, scheduler }: Stage, { asked, id, at }: Hasty): Promise<void> => {
  const http = gatewayOf(ground);
  const apiKey = secret.applications[applications.findIndex((one) => one.id === asked.application)]?.api_key ?? '';
  ledger.asksLeia();
  const login = await http({ method: 'POST', path: `${basePath}/login`, body: JSON.stringify({ api_key: apiKey }) });
  if (login.status !== 200 || ledger.cancelled.has(id)) return;
  ledger.cancelled.add(id);
  await scheduler.sleep(at - scheduler.now(), `somebody hastens to cancel ${id}`);
  const headers = { token: String(JSON.parse(login.body).token) };
  const { status } = await http({ method: 'DELETE', path: `${basePath}/job/${id}`, headers });
  if (status === 204) asked.cancelledAt = scheduler.now();
};
