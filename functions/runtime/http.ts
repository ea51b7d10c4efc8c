// The edge of every function that answers HTTP: from API Gateway's event to a handler and back (D9, D14).
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import httpRouter from '@middy/http-router';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { BadInput } from '../jobs/bad-input.ts';
import type { Authenticate } from './authentication.ts';
import { gatewayReply, requestOf, withCleanPath } from './http-event.ts';
import { count, fail, logger, publishMetrics } from './log.ts';
import { noRoute } from './no-route.ts';
import { adminsOnly, notLoggedIn, Problem, problemReply } from './problem.ts';
import type { Caller, CallerRequest, HttpReply, HttpRequest } from './request.ts';
import { routesOf } from './route-match.ts';
import {
  fullPath,
  type HttpFunction,
  handlerKeyOf,
  isForAdmins,
  keyOf,
  type PublicRouteKey,
  type Route,
  type RouteKey,
} from './routes.ts';

export type Handler<R extends HttpRequest, D> = (request: R, deps: D) => Promise<HttpReply>;

/** One handler for each route of the function; or one for all, where the table does not name them one by one. */
export type Handlers<F extends HttpFunction, D> = [RouteKey<F>] extends [never]
  ? Handler<CallerRequest, D>
  : { [K in RouteKey<F>]: Handler<K extends PublicRouteKey<F> ? HttpRequest : CallerRequest, D> };

/** LEIA's callbacks prove themselves; everybody else has a token. */
type Edge<F extends HttpFunction> = F extends 'receive-callback' ? unknown : { authenticate: Authenticate };

export type HttpLambda = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * The Lambda handler of a function: routes by its part of the table, and lets nobody in without a token unless the
 * route is public, nor anybody but admins where it is theirs. A handler throws Problem or BadInput for what the caller
 * shall know; all else is a 500 that says nothing but the request id.
 */
export const httpFunction = <F extends HttpFunction, D extends object>(
  name: F,
  handlers: Handlers<F, NoInfer<D>>,
  deps: D & { authenticate?: Authenticate } & Edge<F>,
): HttpLambda => {
  const routes = routesOf(name).map((route) => {
    const handler = handlerOf<D>(handlers, route);
    const serve = route.public ? (request: HttpRequest) => handler(request, deps) : guarded(route, handler, deps);
    return { method: route.method, path: fullPath(route), handler: gatewayHandler(route, serve) };
  });
  const notFoundResponse = ({ path }: { path: string }) => {
    throw noRoute(path);
  };
  const router = httpRouter<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({ routes, notFoundResponse });
  return lambda(async (event, context) => router(withCleanPath(event), context));
};

const gatewayHandler =
  (route: Route, serve: (request: HttpRequest) => Promise<HttpReply>) => async (event: APIGatewayProxyEventV2) => {
    logger.appendKeys({ route: keyOf(route) });
    return gatewayReply(await serve(requestOf(event)));
  };

type AnyHandler<D> = (request: HttpRequest & { caller?: Caller }, deps: D) => Promise<HttpReply>;

/** `Handlers` has checked that each handler fits its route; only the types cannot follow a key from the table. */
const handlerOf = <D>(handlers: unknown, route: Route): AnyHandler<D> =>
  (typeof handlers === 'function' ? handlers : Reflect.get(Object(handlers), handlerKeyOf(route))) as AnyHandler<D>;

/** Without anybody who could tell callers apart, nobody is let in. */
const guarded =
  <D extends object>(route: Route, handler: AnyHandler<D>, deps: D & { authenticate?: Authenticate }) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const authenticate: Authenticate = deps.authenticate ?? nobody;
    const caller = await authenticate(request.headers.token ?? '', { early: route.early === true });
    if (!caller) throw notLoggedIn();
    logger.appendKeys({ application_id: caller.application.id });
    return onceProven(caller, async () => {
      if (isForAdmins(route) && caller.application.application_type !== 'admin') throw adminsOnly();
      refuseKey(request);
      return handler({ ...request, caller }, deps);
    });
  };

/** What `serve` answers or throws; to a token that has ended not even that. */
const onceProven = async ({ proof }: Caller, serve: () => Promise<HttpReply>): Promise<HttpReply> => {
  const [served, proven] = await Promise.allSettled([serve(), proof]);
  if (proven.status === 'rejected') throw proven.reason;
  if (served.status === 'rejected') throw served.reason;
  return served.value;
};

/** A key here is a mistake, and would go on to LEIA, or into a record, as one more parameter. */
const refuseKey = ({ query, headers }: HttpRequest): void => {
  if (query.has('api_key') || headers.api_key !== undefined)
    throw new BadInput('api_key', 'no key here: a login takes it, all else the header `token`');
};

const nobody: Authenticate = async () => undefined;

/** What every function at the HTTP edge does around its answer: log, count, and say no more than it should. */
export const lambda = (answer: HttpLambda): HttpLambda =>
  // No early answer before a timeout: what was still running would go on in the next invocation.
  middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(async (event: APIGatewayProxyEventV2, context: Context) => {
      const { requestId, http } = event.requestContext;
      logger.setCorrelationId(requestId);
      const reply = await answer(event, context).catch((error: unknown) => gatewayReply(replyTo(error, requestId)));
      logger.info('answered', { status: reply.statusCode });
      publishMetrics();
      return http.method === 'HEAD' ? withoutBody(reply) : reply;
    });

const withoutBody = ({
  body: _body,
  isBase64Encoded: _encoding,
  ...head
}: APIGatewayProxyStructuredResultV2): APIGatewayProxyStructuredResultV2 => head;

/** The one place where errors become answers. */
const replyTo = (error: unknown, requestId: string): HttpReply => {
  if (error instanceof Problem) return problemReply(error.status, error.message, error.headers);
  if (error instanceof BadInput) return problemReply(400, error.message);
  count('UnexpectedError');
  fail('unexpected error', error);
  return problemReply(500, `Something went wrong here; it is logged under request id ${requestId}`);
};
