// The whole bundle in one process: the real handlers behind the real HTTP edge, mirror and access in memory, a clock
// that tests can turn, and a local LEIA.

import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultCallbacks } from '../../functions/acts/default-callbacks.ts';
import type { Metric } from '../../functions/acts/deps.ts';
import { followChange } from '../../functions/acts/follow-change.ts';
import { listSnapshots } from '../../functions/acts/list-jobs.ts';
import type { StepTask } from '../../functions/acts/record-step.ts';
import type { SweepDeps } from '../../functions/acts/sweep.ts';
import type { Access } from '../../functions/adapters/access.ts';
import { callbackKeys } from '../../functions/adapters/callback-keys.ts';
import { callers } from '../../functions/adapters/callers.ts';
import type { Chains } from '../../functions/adapters/chains.ts';
import { leiaForKey } from '../../functions/adapters/leia-for-key.ts';
import type { CallbackSecrets, Secrets } from '../../functions/adapters/secrets.ts';
import { controlRoutes } from '../../functions/control-job.ts';
import { type CallbackRecord, type DeliveryDeps, deliverOne } from '../../functions/deliver-callback.ts';
import { explainRoutes } from '../../functions/explain-job.ts';
import { allowListOf } from '../../functions/jobs/callback-address.ts';
import { passOn } from '../../functions/proxy-leia.ts';
import { readRoutes } from '../../functions/read-jobs.ts';
import { callbackRoutes } from '../../functions/receive-callback.ts';
import { rerouteRequest } from '../../functions/reroute-request.ts';
import { ChainTask, runChain } from '../../functions/run-chain.ts';
import { authentication } from '../../functions/runtime/authentication.ts';
import { sha256 } from '../../functions/runtime/hash.ts';
import { type HttpLambda, httpFunction, lambda } from '../../functions/runtime/http.ts';
import { routeOf } from '../../functions/runtime/route-match.ts';
import type { HttpFunction } from '../../functions/runtime/routes.ts';
import { sendReleased } from '../../functions/send-job.ts';
import { sessionRoutes } from '../../functions/session.ts';
import { submitRoutes } from '../../functions/submit-job.ts';
import { sweepJobs } from '../../functions/sweep-jobs.ts';
import type { Ground } from '../flow/support/ground.ts';
import { leiaHooks } from '../leia/hooks.ts';
import { answerStep } from './answer-step.ts';
import { chainDefinition } from './chain-definition.ts';
import { gatewayEvent, lambdaContext, withinLimits } from './gateway.ts';
import { memoryAccess } from './memory-access.ts';
import { memoryAnswers } from './memory-answers.ts';
import { type MemoryCallbacks, memoryCallbacks } from './memory-callbacks.ts';
import { type Images, type MemoryMirror, memoryMirror } from './memory-mirror.ts';
import { type StateMachine, stateMachine } from './state-machine.ts';
import { withStepSeconds } from './step-seconds.ts';

const API_KEY = 'bundle-key-of-the-tests-0123456789';
/** Not a secret: what signs callbacks of the tests. */
const WEBHOOK_SECRET = `whsec_${Buffer.from('a webhook secret of the tests').toString('base64')}`;
const ADMIN_API_KEY = 'bundle-key-of-the-admin-0123456789';

export type Bundle = Ground & {
  deps: SweepDeps & DeliveryDeps;
  callbacks: MemoryCallbacks;
  mirror: MemoryMirror;
  /** The state machine behind conditional jobs. */
  machine: StateMachine;
  /** How often each thing was counted. */
  counted: Partial<Record<Metric, number>>;
  /** While off, changes wait in the stream and messages in the queue. */
  follow(on: boolean): Promise<void>;
  close(): Promise<void>;
};

export type BundleOptions = {
  leiaUrl: string;
  leiaApiKey: string;
  leiaTimeoutSeconds?: number;
  /** The bundle's own key. */
  apiKey?: string;
  /** LEIA's key of an admin, for whom the bundle then has a key, too. */
  leiaAdminApiKey?: string;
  /** In memory if not given. */
  mirror?: MemoryMirror;
  access?: Access;
  /** Around each call of a function. */
  around?: Around;
  /** Instead of some of the adapters; given those in memory. */
  adapters?: (deps: SweepDeps) => Partial<SweepDeps>;
};

type Around = <T>(functionName: string, act: () => Promise<T>) => Promise<T>;

/** Starts it; LEIA reaches its callbacks over HTTP, tests its API by `baseUrl`. */
export const startBundle = async (options: BundleOptions): Promise<Bundle> => {
  // Node would refuse a long path itself.
  const server = createServer({ maxHeaderSize: 1_048_576 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world = worldOf(options, root);
  const answer = httpOf(world, options);
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const kept = world.largeAnswers.at(request.method ?? '', request.url ?? '');
    const reply =
      kept === undefined
        ? await answer(request)
        : { statusCode: 200, headers: { 'content-type': 'application/json' }, body: kept };
    response.writeHead(reply.statusCode ?? 500, reply.headers as Record<string, string>);
    response.end(Buffer.from(reply.body ?? '', reply.isBase64Encoded ? 'base64' : 'utf8'));
  };
  server.on('request', (request, response) => {
    serve(request, response).catch((error: unknown) => {
      // Whoever asked has hung up: `close` hangs up on a LEIA that still calls back.
      if (!request.destroyed) throw error;
    });
  });
  return {
    ...world,
    baseUrl: `${root}/leia/1.0.0`,
    apiKey: options.apiKey ?? API_KEY,
    webhookSecret: WEBHOOK_SECRET,
    deadCallbacks: async () => world.callbacks.dead(),
    adminApiKey: ADMIN_API_KEY,
    leiaUrl: options.leiaUrl,
    leiaApiKey: options.leiaApiKey,
    leia: leiaHooks(options.leiaUrl),
    sweep: async () => {
      const summaries = await sweepJobs(world.deps, randomBytes(4).toString('hex'));
      await world.settled();
      return summaries;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Short times, in seconds of the bundle's own clock. */
const times = {
  sending: { claimSeconds: 11, retryFirstSeconds: 1, retryMaxSeconds: 2, giveUpSeconds: 86_400 },
  breaker: { failuresToOpen: 5, openSeconds: 2 },
  ages: { firstSeconds: 1, thenSeconds: 2 },
  leaseSeconds: 5,
  statusBatch: 200,
  absenceConfirmSeconds: 1,
  followUpOverdueSeconds: 2,
  watchSeconds: 60,
  discoveryIntervalSeconds: 1,
  adoptHistorySeconds: 86_400,
};

/** In seconds of the bundle's own clock. */
const callbackTimes = { tries: 3, retryFirstSeconds: 1, retryMaxSeconds: 2 };
/** The journeys' own receivers are on this machine. */
const allowedCallbacks = allowListOf(['127.0.0.1']);

/** Synthesized once for all bundles of a process. */
let synthesized: string | undefined;
const definitionOfChains = (): string => {
  synthesized ??= chainDefinition();
  return synthesized;
};

const worldOf = (options: BundleOptions, root: string) => {
  const { leiaUrl, leiaApiKey, leiaAdminApiKey, leiaTimeoutSeconds = 2, apiKey = API_KEY } = options;
  const { mirror = memoryMirror(), access = memoryAccess(), around = (_name, act) => act() } = options;
  let skew = 0;
  const now = () => Date.now() + skew;
  const keys = [
    { api_key: apiKey, leia_api_key: leiaApiKey, webhook_secret: WEBHOOK_SECRET },
    ...(leiaAdminApiKey === undefined ? [] : [{ api_key: ADMIN_API_KEY, leia_api_key: leiaAdminApiKey }]),
  ];
  const byHash = new Map(keys.map((key) => [sha256(key.api_key), key]));
  let callbackSecrets: CallbackSecrets = { current: 'a secret of tests, long enough' };
  const secrets: Secrets = {
    keyByHash: async (hash) => byHash.get(hash),
    keyHashes: async () => [...byHash.keys()],
    webhookSecrets: async (hash) => (hash === sha256(apiKey) ? [WEBHOOK_SECRET] : []),
    callbackSecrets: async () => callbackSecrets,
  };
  const counted: Bundle['counted'] = {};
  const events: string[] = [];
  const queue: string[] = [];
  const { chains, machine, ...executions } = chainsOf((task) => around('run-chain', () => runChain(task, deps)), now);
  const callbacks = memoryCallbacks({ now, tries: callbackTimes.tries });
  const deps: Bundle['deps'] = {
    ...times,
    mirror,
    access,
    leiaForKey: leiaForKey(secrets, { url: leiaUrl, timeoutSeconds: leiaTimeoutSeconds }),
    callbackKeys: callbackKeys({ secrets, baseUrl: root }),
    submissions: { put: async (ids) => void queue.push(...ids) },
    callbacks,
    putOff: callbacks.putOff,
    callers: callers({ timeoutSeconds: 1, allowed: allowedCallbacks }),
    defaultCallbacks: defaultCallbacks({ maxAgeSeconds: 0, now }),
    secrets,
    callbackTimes,
    fail: () => {},
    chains,
    events: { publish: async (changes) => void events.push(...changes.map((change) => change.id)) },
    now,
    count: (metric, value = 1) => {
      counted[metric] = (counted[metric] ?? 0) + value;
    },
    warn: () => {},
  };
  Object.assign(deps, options.adapters?.({ ...deps }));
  const stream = streamOf(deps, { mirror, queue, callbacks, around });
  return {
    deps,
    around,
    secrets,
    largeAnswers: memoryAnswers(root),
    mirror,
    counted,
    callbacks,
    chains,
    machine,
    ...executions,
    rotateCallbackSecret: async () => {
      callbackSecrets = { current: randomBytes(32).toString('hex'), previous: callbackSecrets.current };
      return callbackSecrets.current;
    },
    runStep: async (task: StepTask) => void (await runChain({ action: 'run-step', ...task }, deps)),
    events: () => events,
    ...stream,
    pass: async (seconds: number) => {
      skew += seconds * 1000;
      machine.timeOut();
      await stream.settled();
    },
  };
};

type Driven = { mirror: MemoryMirror; queue: string[]; callbacks: MemoryCallbacks; around: Around };

/**
 * follow-mirror and send-job as AWS would drive them: one change after the other, then the queue. Beside them
 * deliver-callback, so that a slow caller holds up nothing else.
 */
const streamOf = (deps: Bundle['deps'], { mirror, queue, callbacks, around }: Driven) => {
  const changes: Images[] = [];
  let on = true;
  let working: Promise<void> | undefined;
  let telling: Promise<void> | undefined;
  const work = async (): Promise<void> => {
    while (on && (changes.length > 0 || queue.length > 0)) {
      const change = changes.shift();
      if (change) await around('follow-mirror', () => followChange(deps, change.before, change.after));
      const id = change ? undefined : queue.shift();
      if (id !== undefined) await around('send-job', () => sendReleased(JSON.stringify({ job_id: id }), deps));
    }
  };
  const deliver = (record: CallbackRecord) => around('deliver-callback', () => deliverOne(record, deps));
  const settled = async (): Promise<void> => {
    working ??= work().finally(() => {
      working = undefined;
    });
    await working;
    if (!on) return;
    telling ??= callbacks.work(deliver).finally(() => {
      telling = undefined;
    });
    await telling;
  };
  mirror.changes((images) => {
    changes.push(images);
    if (on) setImmediate(() => void settled());
  });
  return {
    settled,
    follow: async (value: boolean) => {
      on = value;
      await settled();
    },
  };
};

const httpOf = (world: ReturnType<typeof worldOf>, { leiaTimeoutSeconds = 2 }: BundleOptions) => {
  const { deps, secrets, largeAnswers } = world;
  const sessionSeconds = 86_400;
  const authenticate = authentication({ access: deps.access, secrets, now: deps.now, sessionSeconds });
  const all = {
    ...deps,
    authenticate,
    largeAnswers,
    maxDocumentIds: 1000,
    lists: listSnapshots({ maxAgeSeconds: 30, now: deps.now }),
    maxChainDepth: 5,
    maxChainEntries: 1000,
    random: randomBytes,
    fail: () => {},
    sessionSeconds,
    allowedCallbacks,
    randomToken,
  };
  const functions: Record<HttpFunction, HttpLambda> = {
    'submit-job': httpFunction('submit-job', submitRoutes, all),
    'control-job': httpFunction('control-job', controlRoutes, all),
    'read-jobs': httpFunction('read-jobs', readRoutes, all),
    session: httpFunction('session', sessionRoutes, all),
    'proxy-leia': httpFunction('proxy-leia', passOn, { ...all, timeoutSeconds: leiaTimeoutSeconds }),
    'explain-job': httpFunction('explain-job', explainRoutes, all),
    'receive-callback': httpFunction('receive-callback', callbackRoutes, all),
  };
  const reroute = lambda((event) =>
    rerouteRequest(event, { functions: { answer: (name, rerouted) => functions[name](rerouted, lambdaContext()) } }),
  );
  return async (request: IncomingMessage) => {
    const [target = '/', ...search] = (request.url ?? '/').split('?');
    const path = gatewayPath(target);
    const method = request.method ?? 'GET';
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const event = gatewayEvent({
      method,
      path,
      query: search.join('?'),
      headers,
      ...(body.byteLength > 0 ? { body } : {}),
    });
    const route = path.includes('//') ? undefined : routeOf(method, path);
    const serve = withinLimits(route ? functions[route.by] : reroute);
    return world.around(route?.by ?? 'reroute-request', () => serve(event, lambdaContext()));
  };
};

/** As API Gateway writes `rawPath`: decoded except for `%25`; what cannot be decoded stays as it is. */
const gatewayPath = (target: string): string => {
  try {
    return decodeURIComponent(target.replaceAll('%25', '%2525'));
  } catch {
    return target;
  }
};

/** The synthesized state machine, interpreted; its tasks are run-chain's own, which is told when an execution dies. */
const chainsOf = (runTask: (task: ChainTask) => Promise<object>, now: () => number) => {
  const definition = definitionOfChains();
  const machine = stateMachine(definition, { now, invoke: (task) => runTask(ChainTask.parse(task)) });
  let tells = true;
  const chains: Chains = {
    start: async (id) => void machine.start(id, { job_id: id }),
    stop: async (id) => {
      if (machine.stop(id) && tells) setImmediate(() => void runTask({ action: 'execution-ended', job_id: id }));
    },
    answer: async (token, ok) => void answerStep(machine, token, ok),
    running: async () => new Set(machine.running()),
    state: async (id) => {
      const state = machine.state(id);
      return state === undefined ? 'absent' : state === 'RUNNING' ? 'running' : 'ended';
    },
  };
  const changeStepSeconds = async (seconds: Record<string, number>) => {
    machine.update(withStepSeconds(definition, seconds));
    return async () => machine.update(definition);
  };
  const tellOfDeaths = async (on: boolean): Promise<void> => {
    tells = on;
  };
  return { machine, chains, changeStepSeconds, tellOfDeaths };
};

const randomToken = (): string => randomBytes(32).toString('base64url');
