import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { admin, developer, secondDeveloper } from './applications.ts';
import { createEngine } from './engine.ts';
import { type LeiaHooks, leiaHooks } from './hooks.ts';
import { leiaApp } from './http/app.ts';
import type { Rig } from './http/hook-routes.ts';
import { basePath } from './http/leia.ts';
import { objectIds } from './ids.ts';
import { leiaClock } from './rules/clock.ts';
import type { Application } from './rules/model.ts';
import { createWorld } from './rules/world.ts';
import { createSender } from './send-callback.ts';
import { loadWorld, saveWorld } from './state.ts';
import { localModels } from './worker/models.ts';
import { realWorker } from './worker/real.ts';
import { type ActiveScript, scriptedWorker } from './worker/scripted.ts';

export type LeiaOptions = {
  /** 0 or absent: a free one. */
  port?: number;
  /** `real` renders, reads and classifies; `scripted`, the default, does what the hooks say. */
  worker?: 'real' | 'scripted';
  /** The applications it knows. Default: a developer, a second developer and an admin. */
  apiKeys?: Application[];
  /** Where it keeps what it knows from its end to its next start; nowhere by default. */
  stateFile?: string;
  /** Real time, in milliseconds since 1970. */
  now?: () => number;
  /** Ids of documents and jobs to come; ids of its own where this gives none. */
  nextId?: () => string | undefined;
};

/** A running LEIA on 127.0.0.1. */
export type LocalLeia = {
  /** The base URL: `http://127.0.0.1:<port>/leia/1.0.0`. */
  url: string;
  apiKey: string;
  adminApiKey: string;
  hooks: LeiaHooks;
  close(): Promise<void>;
};

const listen = async (server: Server, port: number): Promise<number> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The local LEIA has no port');
  return address.port;
};

const closeServer = async (server: Server): Promise<void> => {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
};

const keyOf = (applications: Application[], type: Application['application_type']): string =>
  applications.find(({ application_type }) => application_type === type)?.api_key ?? '';

/** Real work does not follow LEIA's clock: it ends when it ends, two jobs at a time. */
const realSlots = 2;

/** Starts a LEIA true to the contract: no network but its own port and the callbacks it sends. */
export const startLeia = async (options: LeiaOptions = {}): Promise<LocalLeia> => {
  const { worker = 'scripted', apiKeys: applications = [developer, secondDeveloper, admin] } = options;
  const clock = leiaClock(options.now ?? Date.now);
  const ids = objectIds(() => clock.now());
  const scripts: ActiveScript[] = [];
  const real = worker === 'real' ? realWorker(() => engine.poke()) : undefined;
  const world = createWorld({
    time: clock.now(),
    newId: () => options.nextId?.() ?? ids(),
    worker: scriptedWorker(scripts, real?.work),
    slots: real ? realSlots : Number.POSITIVE_INFINITY,
    applications,
    models: await localModels(),
  });
  if (options.stateFile !== undefined) await loadWorld(world, options.stateFile);
  const engine = createEngine(world, clock, createSender());
  const leia = { world, clock, tokens: new Map(), newToken: randomUUID };
  const rig: Rig = { leia, faults: [], scripts, requests: [], available: true };
  const server = createServer(getRequestListener(leiaApp(rig, engine).fetch));
  const url = `http://127.0.0.1:${await listen(server, options.port ?? 0)}${basePath}`;
  engine.poke();
  return {
    url,
    apiKey: keyOf(applications, 'developer'),
    adminApiKey: keyOf(applications, 'admin'),
    hooks: leiaHooks(url),
    async close() {
      engine.close();
      await closeServer(server);
      if (options.stateFile !== undefined) await saveWorld(world, options.stateFile);
      await real?.close();
    },
  };
};
