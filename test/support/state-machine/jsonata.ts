// JSONata in a definition, evaluated by its own library, under Step Functions' rules.
import jsonata from 'jsonata';
import type { Json } from './definition.ts';
import { StateError } from './state-error.ts';

/** What an expression finds under `$states`. */
export type States = { input: Json; context: Json; result?: Json; errorOutput?: Json };

const compiled = new Map<string, jsonata.Expression>();

const expressionOf = (text: string): jsonata.Expression => {
  const known = compiled.get(text);
  if (known) return known;
  const expression = jsonata(text);
  compiled.set(text, expression);
  return expression;
};

/** Each text in `{% … %}` within `template` is replaced by its value. @throws StateError States.QueryEvaluationError */
export const evaluate = async (template: Json, states: States): Promise<Json> => {
  if (typeof template === 'string') return evaluateText(template, states);
  if (Array.isArray(template)) return Promise.all(template.map((item) => evaluate(item, states)));
  if (template === null || typeof template !== 'object') return template;
  const members = Object.entries(template).map(async ([key, value]) => [key, await evaluate(value, states)] as const);
  return Object.fromEntries(await Promise.all(members));
};

const evaluateText = async (text: string, states: States): Promise<Json> => {
  const [, expression] = /^\{%(.*)%\}$/s.exec(text) ?? [];
  if (expression === undefined) return text;
  const value = await resultOf(expression, states);
  // JSONata's arrays carry marks of their own; what it has no value for, JSON has none for either.
  const written: string | undefined = JSON.stringify(value);
  if (written === undefined) throw new StateError('States.QueryEvaluationError', `${expression} has no value`);
  return JSON.parse(written);
};

const resultOf = async (expression: string, states: States): Promise<unknown> => {
  try {
    return await expressionOf(expression).evaluate(undefined, { states });
  } catch (error) {
    throw new StateError('States.QueryEvaluationError', error instanceof Error ? error.message : String(error));
  }
};
