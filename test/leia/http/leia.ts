import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { Clock } from '../rules/clock.ts';
import type { Application } from '../rules/model.ts';
import { notFound, notLoggedIn } from '../rules/refusal.ts';
import type { World } from '../rules/world.ts';
import { problem } from './problem.ts';

export const basePath = '/leia/1.0.0';

/** What the endpoints share. */
export type Leia = {
  world: World;
  clock: Clock;
  /** Live tokens and whose they are. Several for one application live side by side (contract §1.2). */
  tokens: Map<string, string>;
  newToken: () => string;
};

export type LeiaEnv = { Bindings: HttpBindings };
export type LeiaApp = Hono<LeiaEnv>;
export type LeiaContext = Context<LeiaEnv>;

/**
 * Who asks, and for whose things: a caller for its own, or an admin for the application in the path – the submitter's
 * for job operations, the owner's for all others (contract §2.1).
 */
export type Standing = { caller: Application; subjectId: string; admin: boolean };

export type Handler = (c: LeiaContext) => Response | Promise<Response>;
export type StandingHandler = (c: LeiaContext, standing: Standing) => Response | Promise<Response>;

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** Adds a path with its methods; any other method there is a 405. */
export const route = (app: LeiaApp, path: string, handlers: Partial<Record<Method, Handler>>): void => {
  for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler);
  app.all(path, () => problem(405, 'The method is not allowed for the requested URL'));
};

/** A part of the path, percent-decoded. */
export const pathPart = (c: LeiaContext, name: string): string => {
  const value = c.req.param(name);
  if (value === undefined) throw notFound(`No ${name} in the path`);
  return value;
};

/** A comma separated path list, split after percent-decoding (contract §0.5). */
export const pathList = (c: LeiaContext, name: string): string[] =>
  pathPart(c, name)
    .split(',')
    .filter((id) => id !== '');

/** The application whose token this is; 401 for a missing and for a dead token alike (contract §1.5). */
export const callerOf = ({ world, tokens }: Leia, c: LeiaContext): Application => {
  const caller = world.applications.get(tokens.get(c.req.header('token') ?? '') ?? '');
  if (!caller) throw notLoggedIn();
  return caller;
};

/** For a caller's own things. */
const plain =
  (leia: Leia, handler: StandingHandler): Handler =>
  (c) => {
    const caller = callerOf(leia, c);
    return handler(c, { caller, subjectId: caller.id, admin: false });
  };

export const adminOf = (leia: Leia, c: LeiaContext): Application => {
  const caller = callerOf(leia, c);
  if (caller.application_type !== 'admin') throw notLoggedIn('Not logged in or not an admin');
  return caller;
};

/** For an admin, on the application that the path names as `:subject` (401 for others: contract §8.18). */
const admin =
  (leia: Leia, handler: StandingHandler): Handler =>
  (c) =>
    handler(c, { caller: adminOf(leia, c), subjectId: pathPart(c, 'subject'), admin: true });

/** Adds a path for callers and its twin for admins. */
export const twin = (
  leia: Leia,
  app: LeiaApp,
  path: string,
  handlers: Partial<Record<Method, StandingHandler>>,
): void => {
  const entries = Object.entries(handlers);
  route(app, path, Object.fromEntries(entries.map(([method, handler]) => [method, plain(leia, handler)])));
  route(
    app,
    `/admin/:subject${path}`,
    Object.fromEntries(entries.map(([method, handler]) => [method, admin(leia, handler)])),
  );
};

/** The application that owns the documents of a request. */
export const ownerOf = ({ world }: Leia, { subjectId }: Standing): Application => {
  const owner = world.applications.get(subjectId);
  if (!owner) throw notFound(`Application ${subjectId} not found`);
  return owner;
};
