// reroute-request – whatever matches no route of the HTTP API: a doubled slash (contract §0.1), a wrong method, or
// nothing at all.
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Functions } from './adapters/functions.ts';
import { lambda } from './runtime/http.ts';
import { cleanPath } from './runtime/http-event.ts';
import { noRoute } from './runtime/no-route.ts';
import { routeOf } from './runtime/route-match.ts';
import { fullPath } from './runtime/routes.ts';
import { wired } from './runtime/wired.ts';
import { rerouteDeps } from './runtime/wiring.ts';

/** The function that the cleaned path belongs to answers, and it alone says who may have that answer. */
export const rerouteRequest = async (
  event: APIGatewayProxyEventV2,
  { functions }: { functions: Functions },
): Promise<APIGatewayProxyStructuredResultV2> => {
  const { http } = event.requestContext;
  const path = cleanPath(event.rawPath);
  const route = routeOf(http.method, path);
  if (!route) throw noRoute(path);
  const routeKey = `${route.method} ${fullPath(route)}`;
  const { pathParameters: _none, ...rest } = event;
  return functions.answer(route.by, {
    ...rest,
    routeKey,
    rawPath: path.replaceAll('%', '%25'), // as API Gateway writes it
    requestContext: { ...event.requestContext, routeKey, http: { ...http, path } },
  });
};

export const handler = wired(() => {
  const deps = rerouteDeps();
  return lambda((event) => rerouteRequest(event, deps));
});
