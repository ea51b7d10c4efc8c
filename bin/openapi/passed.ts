// What passes through to LEIA as it is: named here, described by LEIA (D13).
import * as z from 'zod';
import { keyOf, type Route, routes } from '../../functions/runtime/routes.ts';
import { asLeiaAnswers } from './answers.ts';
import { type Operation, taking } from './operation.ts';

const passed = routes.filter(({ by, method }) => by === 'proxy-leia' && method !== 'HEAD');

const shapeOf = ({ path }: Route): string => path.replaceAll(/\{\w+\}/g, '{}');

/** The path of a route in the document, which wants paths of one shape to name their parameters alike. */
export const documentPath = (route: Route): string =>
  passed.find((other) => shapeOf(other) === shapeOf(route))?.path ?? route.path;

const operationOf = (route: Route): Operation => {
  const { method, path } = route;
  const names = [...documentPath(route).matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameters = Object.fromEntries(names.map((name) => [name, z.string()]));
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-z]+/g, '_').replace(/_$/, '')}`,
    tags: ['leia'],
    summary: 'Passed to LEIA, whose own documentation describes it.',
    ...(names.length > 0 ? taking({ path: parameters }) : {}),
    responses: asLeiaAnswers,
  };
};

export const passedOperations: Record<string, Operation> = Object.fromEntries(
  passed.map((route) => [keyOf(route), operationOf(route)]),
);
