// One run: a seed decides everything that happens in it. Some minutes of clients and faults; then faults stop, sweeps
// come round, and the invariants must hold.

import { isFinished } from '../../functions/jobs/job.ts';
import type { Images } from '../support/memory-mirror.ts';
import { accidents } from './accidents.ts';
import { checkRun } from './checks/check-run.ts';
import { BUNDLE_URL } from './cloud/dependencies.ts';
import { gatewayOf } from './cloud/gateway.ts';
import { type Ground, groundOf } from './cloud/ground.ts';
import type { SecretValue } from './cloud/secrets.ts';
import { sweepIntervalSeconds } from './cloud/settings.ts';
import { type FaultKind, type Faults, faultsOf } from './faults.ts';
import { withAliases } from './kernel/aliases.ts';
import { type Chance, chanceOf } from './kernel/chance.ts';
import { type Scheduler, START, scheduler as schedulerOf } from './kernel/scheduler.ts';
import { callbacksOf } from './leia/callbacks.ts';
import { applications, type SimulatedLeia, simulatedLeia } from './leia/leia.ts';
import { type LeiaNetwork, leiaNetwork } from './leia/network.ts';
import { decide, runProgram } from './programs/client.ts';
import { startHasty } from './programs/hasty.ts';
import { startLeaver } from './programs/leaver.ts';
import { type Ledger, ledgerOf } from './programs/ledger.ts';
import { startStrangers } from './programs/strangers.ts';

export type Stage = {
  scheduler: Scheduler;
  chance: Chance;
  faults: Faults;
  leia: SimulatedLeia;
  network: LeiaNetwork;
  secret: SecretValue;
  ground: Ground;
  ledger: Ledger;
  /** When the faults stop (epoch milliseconds). */
  until: number;
  sweep: () => void;
  sweeps: { count: number };
  /** Every change of a job. */
  history: Change[];
};

/** `at`: true time, in epoch milliseconds. */
type Change = Images & { at: number };

export type RunResult = {
  seed: number;
  violations: string[];
  events: number;
  jobs: number;
  leiaRequests: number;
  faults: Partial<Record<FaultKind, number>>;
  trace: string[];
};

export type RunOptions = {
  definition: string;
  traced?: boolean;
  /** What has asked the machine for time, chance or timers since the last look. */
  escaped?: () => string[];
};

export const run = async (
  seed: number,
  { definition, traced = false, escaped = () => [] }: RunOptions,
): Promise<RunResult> => {
  escaped();
  const stage = setStage(seed, { definition, traced });
  const { scheduler, chance, faults, ground, network, ledger } = stage;
  startPrograms(stage);
  startStrangers({ ...stage, chance: chance.of('strangers') });
  startHasty({ ...stage, chance: chance.of('hasty') });
  startLeaver({ ...stage, chance: chance.of('leaver') });
  accidents({ ...stage, chance: chance.of('accidents') });
  await scheduler.run(stage.until);
  scheduler.note(() => 'FAULTS STOP');
  faults.stop();
  network.weather.state = 'up';
  network.hidden.clear();
  await sweepUntilAtRest(stage);
  const violations = [
    ...new Set([
      ...ledger.violations,
      ...(await checkRun(stage)),
      ...escaped().map((what) => `not of the seed: ${what}`),
    ]),
  ];
  return {
    seed,
    violations,
    events: scheduler.count(),
    jobs: ground.mirror.snapshot().jobs.length,
    leiaRequests: network.sent.length,
    faults: faults.counts(),
    trace: withAliases([...scheduler.trace(), ...violations.map((violation) => `VIOLATED: ${violation}`)]),
  };
};

const ACTIVE_MINUTES = [5, 8, 12] as const;

const setStage = (seed: number, { definition, traced }: { definition: string; traced: boolean }): Stage => {
  const chance = chanceOf(seed);
  const scheduler = schedulerOf(chance.of('ties'), { traced });
  const faults = faultsOf(chance.of('faults'));
  const secret: SecretValue = {
    applications: applications.map(({ api_key }) => ({ api_key: `our-${api_key}`, leia_api_key: api_key })),
    callback_secrets: { current: 'the first secret of callbacks' },
  };
  const skew = faults.isOn('clock-skew') ? chance.between(-120_000, 120_000) : 0;
  const ledger = ledgerOf();
  const callBack = callbacksOf({
    scheduler,
    chance: chance.of('callbacks'),
    faults,
    ledger,
    http: (request) => gateway(request),
  });
  const leia = simulatedLeia({
    scheduler,
    chance: chance.of('LEIA'),
    skew,
    hidesCallbackUrls: faults.strikes('callback-urls-hidden'),
    callBack,
  });
  const network = leiaNetwork({ scheduler, chance: chance.of('network'), faults, leia });
  const ground = groundOf({
    scheduler,
    chance: chance.of('ground'),
    faults,
    network,
    secret: () => secret,
    definition,
  });
  const gateway = gatewayOf(ground);
  const history: Change[] = [];
  ground.mirror.changes((images) => history.push({ ...images, at: scheduler.now() }));
  const sweeps = { count: 0 };
  const sweep = (): void => {
    sweeps.count += 1;
    const owner = `sweep ${sweeps.count}`;
    void ground.functions.sweepJobs.call((sweepAll) => sweepAll(owner));
  };
  const until = START + chance.pick(ACTIVE_MINUTES) * 60_000;
  return {
    scheduler,
    chance,
    faults,
    leia,
    network,
    secret,
    ground,
    ledger,
    until,
    sweep,
    sweeps,
    history,
  };
};

const startPrograms = (stage: Stage): void => {
  const { chance, secret, ground, leia } = stage;
  const [owner] = applications;
  for (const [nth, { id, application_type }] of applications.entries()) {
    if (nth > 0 && chance.happens(0.6)) continue;
    const isAdmin = application_type === 'admin';
    const count = isAdmin ? 1 : chance.between(1, 2);
    for (let program = 0; program < count; program += 1) {
      void runProgram({
        ...stage,
        name: `client ${nth}.${program}`,
        chance: chance.of(`client ${nth}.${program}`),
        apiKey: secret.applications[nth]?.api_key ?? '',
        application: id,
        documents: leia.documents.get(isAdmin ? (owner?.id ?? '') : id)?.slice(0, -1) ?? [],
        under: isAdmin ? { submissions: `/admin/${owner?.id}`, jobs: `/admin/${id}` } : { submissions: '', jobs: '' },
        http: gatewayOf(ground),
      });
    }
  }
};

/** Sweeps may come seldom then: they meet every age of every job, however far apart they run. */
const waits = [
  60, 60, 60, 60, 120, 120, 180, 300, 300, 300, 300, 300, 600, 600, 600, 1800, 1800, 3600, 3600, 3600, 3600, 7200, 7200,
  7200,
];

const sweepUntilAtRest = async (stage: Stage): Promise<void> => {
  const { scheduler } = stage;
  let calm = 0;
  for (const seconds of waits) {
    unblock(stage);
    stage.sweep();
    await scheduler.run(scheduler.now() + seconds * 1000);
    calm = isAtRest(stage) ? calm + 1 : 0;
    if (calm === 2) return;
  }
};

/** Clients do not leave jobs blocked for ever. */
const unblock = ({ ground, ledger, chance, secret, scheduler }: Stage): void => {
  for (const { id, status, submitter_id } of ground.mirror.snapshot().jobs) {
    if (status !== 'BLOCKED') continue;
    const apiKey = secret.applications[applications.findIndex((one) => one.id === submitter_id)]?.api_key ?? '';
    void decide({ http: gatewayOf(ground), apiKey, ledger, scheduler }, id, chance.pick(['start', 'cancel']));
  }
};

/** Discovery comes less often than other sweeps. */
const strangersAreKnown = ({ world }: SimulatedLeia, { mirror }: Ground): boolean => {
  const known = new Set(mirror.snapshot().jobs.map(({ id }) => id));
  return [...world.jobs.values()].every(({ id, callback_url: url }) => url?.startsWith(BUNDLE_URL) || known.has(id));
};

const isAtRest = ({ ground, network, leia }: Stage): boolean =>
  strangersAreKnown(leia, ground) &&
  network.inTheAir() === 0 &&
  ground.machine.running().length === 0 &&
  ground.access.leases().length === 0 &&
  ground.changes.isEmpty() &&
  ground.callbacks.count() === 0 &&
  ground.mirror
    .snapshot()
    .jobs.every((job) => isFinished(job) && job.follow_up_due === undefined && job.watch_since === undefined);

export { sweepIntervalSeconds };
