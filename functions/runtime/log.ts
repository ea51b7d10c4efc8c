// One logger and one place for metrics for all functions; Lambda itself traces them (docs/decisions). Nobody logs tokens, keys, documents or results.
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Count, Metric } from '../acts/deps.ts';
import { isMeasure, isSorted, measures, metricsNamespace, sortedMetrics } from '../jobs/metrics.ts';

/** The service's name is the deployment's: lib/ sets POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();

/** By their dimensions: what Powertools collects in one object goes out under the same ones. */
const collected = new Map<string, Metrics>();

const metricsOf = (dimensions: Record<string, string>): Metrics => {
  const name = JSON.stringify(dimensions);
  const metrics = collected.get(name) ?? new Metrics({ namespace: metricsNamespace, defaultDimensions: dimensions });
  collected.set(name, metrics);
  return metrics;
};

/** Counts an occurrence, or notes a measure; sent by `publishMetrics`. */
export const count: Count = (metric, value = 1, sort) => {
  const dimensions = isSorted(metric) && sort !== undefined ? { [sortedMetrics[metric]]: sort } : {};
  metricsOf(dimensions).addMetric(metric, unitOf(metric), value);
};

const unitOf = (metric: Metric) => (isMeasure(metric) ? MetricUnit[measures[metric]] : MetricUnit.Count);

export const warn = (message: string, about: Record<string, string | number | undefined> = {}): void =>
  logger.warn(message, about);

/** Says what went wrong, each of several causes by itself. */
export const fail = (message: string, error: unknown, about: Record<string, string> = {}): void => {
  for (const cause of causesOf(error)) logger.error(message, { ...about, error: loggable(cause) });
};

const causesOf = (error: unknown): unknown[] => {
  const several = error instanceof AggregateError ? error.errors : [];
  return several.length > 0 ? several.flatMap(causesOf) : [error];
};

/** What an error says, as far as people may read it: a parser's own quotes the text that it could not read. */
export const messageOf = (error: unknown): string => {
  if (error instanceof SyntaxError) return 'a text could not be parsed';
  return error instanceof Error ? error.message : 'something that is no error was thrown';
};

/** What of an error may be read by people: libraries hang whole items and requests on theirs. */
const loggable = (error: unknown): Error => {
  const said = messageOf(error);
  if (!(error instanceof Error)) return new Error(said);
  const cause = error.cause instanceof Error ? { cause: loggable(error.cause) } : {};
  const copy = Object.assign(new Error(said, cause), { name: error.name });
  const frames = error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? [];
  copy.stack = [`${error.name}: ${said}`, ...frames].join('\n');
  return copy;
};

/** What the client of LEIA tells of its requests. */
export const leiaListeners = {
  onRequest: (kind: string, outcome: number | string): void => {
    count('LeiaRequests', 1, kind);
    if (typeof outcome === 'string') warn('a request to LEIA got no answer', { kind, outcome });
  },
  onOddity: (where: string): void => count('LeiaOddity', 1, where),
};

/** At the end of every invocation, also one that failed. */
export const publishMetrics = (): void => {
  for (const metrics of collected.values()) if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};
