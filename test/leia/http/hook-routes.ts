import { Hono } from 'hono';
import type { Engine } from '../engine.ts';
import type { HookName, HookRequest } from '../hook-requests.ts';
import { hookRequests } from '../hook-requests.ts';
import { addCallbackRule, clearCallbackRules } from '../rules/callbacks.ts';
import { callBack } from '../rules/endings.ts';
import { forceJob } from '../rules/force.ts';
import type { Job } from '../rules/model.ts';
import { notFound } from '../rules/refusal.ts';
import { revealJobs } from '../rules/submit.ts';
import { forget } from '../rules/transitions.ts';
import { defaultSwitches } from '../rules/world.ts';
import type { ActiveScript } from '../worker/scripted.ts';
import { activeScript } from '../worker/scripted.ts';
import type { ActiveFault } from './faults.ts';
import { activeFault } from './faults.ts';
import type { Leia, LeiaEnv } from './leia.ts';
import { problem, problemOf } from './problem.ts';
import { countByKind, type LoggedRequest } from './request-log.ts';

/** What tests have set, and what they may ask about. */
export type Rig = {
  leia: Leia;
  faults: ActiveFault[];
  scripts: ActiveScript[];
  requests: LoggedRequest[];
  available: boolean;
};

type Hooks = { [N in HookName]: (request: HookRequest<N>) => unknown };

const jobOf = ({ leia: { world } }: Rig, id: string): Job => {
  const job = world.jobs.get(id);
  if (!job) throw notFound(`Job ${id} not found`);
  return job;
};

const expireTokens = ({ leia: { world, tokens } }: Rig, apiKey: string | undefined): void => {
  for (const [token, applicationId] of tokens) {
    if (apiKey === undefined || world.applications.get(applicationId)?.api_key === apiKey) tokens.delete(token);
  }
};

const reset = (rig: Rig): void => {
  const { world, clock } = rig.leia;
  rig.faults.length = 0;
  rig.scripts.length = 0;
  rig.requests.length = 0;
  rig.available = true;
  world.switches = defaultSwitches();
  clearCallbackRules(world.callbacks, world.time);
  world.callbacks.log = [];
  clock.release();
};

const clockHooks = ({ leia: { clock } }: Rig) => ({
  'clock/hold': () => clock.hold(),
  'clock/step': ({ ms }: HookRequest<'clock/step'>) => clock.step(ms),
  'clock/release': () => clock.release(),
  'clock/now': () => clock.now(),
});

const jobHooks = (rig: Rig) => {
  const { world } = rig.leia;
  return {
    'force-job': ({ id, change }: HookRequest<'force-job'>) => forceJob(world, jobOf(rig, id), change),
    'forget-job': ({ id }: HookRequest<'forget-job'>) => forget(world, id),
    'call-back': ({ id }: HookRequest<'call-back'>) => callBack(world, jobOf(rig, id)),
    'hold-jobs': ({ on }: HookRequest<'hold-jobs'>) => {
      world.switches.holdJobs = on;
    },
    'echo-callback-url': ({ on }: HookRequest<'echo-callback-url'>) => {
      world.switches.echoCallbackUrl = on;
    },
    'hide-submissions': (hiding: HookRequest<'hide-submissions'>) => {
      world.switches.hiding = hiding;
    },
    'reveal-jobs': () => revealJobs(world),
    jobs: () => [...world.jobs.values()],
    script: (script: HookRequest<'script'>) => rig.scripts.push(activeScript(script)),
    'clear-scripts': () => {
      rig.scripts.length = 0;
    },
  };
};

const hooksOf = (rig: Rig): Hooks => ({
  ...clockHooks(rig),
  ...jobHooks(rig),
  'expire-tokens': ({ apiKey }) => expireTokens(rig, apiKey),
  'callback-rule': (rule) => addCallbackRule(rig.leia.world.callbacks, rule),
  'clear-callback-rules': () => clearCallbackRules(rig.leia.world.callbacks, rig.leia.world.time),
  'callback-log': () => rig.leia.world.callbacks.log,
  fault: (fault) => rig.faults.push(activeFault(fault)),
  'clear-faults': () => {
    rig.faults.length = 0;
  },
  'set-available': ({ on }) => {
    rig.available = on;
  },
  requests: () => rig.requests,
  counts: () => countByKind(rig.requests),
  'reset-counts': () => {
    rig.requests.length = 0;
  },
  reset: () => reset(rig),
});

const isHook = (name: string): name is HookName => Object.hasOwn(hookRequests, name);

/** The hooks path: `POST /{hook}` with a JSON object. The world is settled before and after each. */
export const hookRoutes = (rig: Rig, engine: Engine): Hono<LeiaEnv> => {
  const hooks = hooksOf(rig);
  const run = <N extends HookName>(name: N, body: unknown): unknown =>
    hooks[name](hookRequests[name].parse(body) as HookRequest<N>);

  return new Hono<LeiaEnv>()
    .onError((error) => problemOf(error))
    .post('/:name{.+}', async (c) => {
      const name = c.req.param('name');
      if (!isHook(name)) return problem(404, `There is no hook ${name}`);
      engine.poke();
      const answer = run(name, await c.req.json());
      engine.poke();
      return c.json(answer ?? null);
    });
};
