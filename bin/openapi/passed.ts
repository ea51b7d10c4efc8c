// What passes through to LEIA as it is: named here, described by LEIA (D13).
import * as z from 'zod';
import { keyOf, type Route, routes } from '../../functions/runtime/routes.ts';
import { asLeiaAnswers } from './answers.ts';
import { type Operation, taking } from './operation.ts';

const operationOf = ({ method, path }: Route): Operation => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const parameters = Object.fromEntries(names.map((name) => [name, z.string()]));
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^a-z]+/g, '_').replace(/_$/, '')}`,
    tags: ['leia'],
    summary: 'Passed to LEIA, whose own documentation describes it.',
    ...(names.length > 0 ? taking({ path: parameters }) : {}),
    responses: asLeiaAnswers,
  };
};

const passed = routes.filter(({ by, method }) => by === 'proxy-leia' && method !== 'HEAD');

export const passedOperations: Record<string, Operation> = Object.fromEntries(
  passed.map((route) => [keyOf(route), operationOf(route)]),
);
