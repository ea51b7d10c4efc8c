import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { getPath } from 'hono/utils/url';
import type { Engine } from '../engine.ts';
import { hooksPath } from '../hook-requests.ts';
import { addApplicationRoutes } from './applications.ts';
import { addDocumentRoutes } from './documents.ts';
import { actOut, refuse, takeFault } from './faults.ts';
import { hookRoutes, type Rig } from './hook-routes.ts';
import { addJobRoutes } from './jobs.ts';
import type { Leia, LeiaApp, LeiaContext, LeiaEnv } from './leia.ts';
import { basePath } from './leia.ts';
import { addModelRoutes } from './models.ts';
import { problem, problemOf } from './problem.ts';
import { kindOf, type LoggedRequest } from './request-log.ts';
import { addSessionRoutes } from './session.ts';
import { addSubmissionRoutes } from './submissions.ts';

/** A doubled slash between base URL and path is no error (contract §0.1). */
const pathOf = (request: Request): string => getPath(request).replace(/\/{2,}/g, '/');

const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
};

const logRequest = ({ leia, requests }: Rig, c: LeiaContext): LoggedRequest => {
  const path = decoded(c.req.path.slice(basePath.length)) || '/';
  const { method } = c.req;
  const query = new URL(c.req.url).search;
  const entry: LoggedRequest = {
    method,
    path,
    query,
    kind: kindOf(method, path),
    time: leia.clock.now(),
    outcome: 'unanswered',
  };
  requests.push(entry);
  return entry;
};

const newApi = (): LeiaApp => {
  const api = new Hono<LeiaEnv>({ getPath: pathOf }).basePath(basePath);
  api.onError((error) => problemOf(error));
  return api;
};

const addRoutes = (leia: Leia, api: LeiaApp): void => {
  addSessionRoutes(leia, api);
  addJobRoutes(leia, api);
  addSubmissionRoutes(leia, api);
  addDocumentRoutes(leia, api);
  addModelRoutes(leia, api);
  addApplicationRoutes(leia, api);
};

/** LEIA's endpoints under its base path and nothing else, for whoever brings time, faults and callbacks himself. */
export const leiaApi = (leia: Leia): LeiaApp => {
  const api = newApi();
  addRoutes(leia, api);
  return api;
};

/** LEIA's endpoints under its base path, behind whatever faults the tests have set; beside them the hooks. */
export const leiaApp = (rig: Rig, engine: Engine): LeiaApp => {
  const { leia } = rig;
  const api = newApi();

  const answer = async (c: LeiaContext, entry: LoggedRequest, next: () => Promise<void>): Promise<Response> => {
    const process = async (): Promise<Response> => {
      engine.poke();
      await next();
      engine.poke();
      return c.res;
    };
    if (!rig.available) {
      entry.outcome = 'refused';
      return refuse(c.env);
    }
    const fault = takeFault(rig.faults, entry.method, entry.path);
    if (!fault) return process();
    if (fault.answer === 'refuse') entry.outcome = 'refused';
    if (fault.answer === 'cut') entry.outcome = 'cut';
    return actOut(fault, c.env, process);
  };

  api.use('*', async (c, next) => {
    const entry = logRequest(rig, c);
    const response = await answer(c, entry, next);
    // Emptied first, or Hono would merge the headers of the right answer into those of a fault.
    c.res = undefined;
    c.res = response;
    if (response === RESPONSE_ALREADY_SENT) return;
    if (entry.outcome === 'unanswered' && !c.env.incoming.socket.destroyed) entry.outcome = response.status;
    c.res.headers.set('date', new Date(leia.clock.now()).toUTCString());
  });
  addRoutes(leia, api);

  const app = new Hono<LeiaEnv>({ getPath: pathOf });
  app.notFound(() => problem(404, 'The requested URL was not found on the server'));
  return app.route(hooksPath, hookRoutes(rig, engine)).route('/', api);
};
