// The routes in the order in which they are tried, and which of them lie at a path.
import { fullPath, type Route, routes } from './routes.ts';

/** Parameters are alike, whatever they are called. */
const shapeOf = (route: Route): string => fullPath(route).replaceAll(/\{\w+\}/g, '{}');

/**
 * Fixed segments before parameters (contract §0.14): `{` sorts after whatever a fixed segment begins with, so that
 * `/job/conditional/{id}` comes before `/job/{job_id}/start`.
 */
const inOrder: readonly Route[] = [...routes].sort((a, b) => (shapeOf(a) < shapeOf(b) ? -1 : 1));

export const routesOf = (by: Route['by']): Route[] => inOrder.filter((route) => route.by === by);

/** `path` is decoded and clean (http-event.ts). */
const routesAt = (path: string): Route[] => {
  const segments = path.split('/');
  return inOrder.filter((route) => fits(fullPath(route).split('/'), segments));
};

const fits = (pattern: string[], segments: string[]): boolean =>
  pattern.length === segments.length &&
  pattern.every((part, at) => (part.startsWith('{') ? segments[at] !== '' : part === segments[at]));

export const routeOf = (method: string, path: string): Route | undefined =>
  routesAt(path).find((route) => route.method === method);

/** The methods that do have a route at this path, for a 405; none: 404. */
export const allowedMethods = (path: string): string[] =>
  [...new Set(routesAt(path).map(({ method }) => method))].sort();
