// One logger and one set of metrics for all functions; Lambda itself traces them (docs/decisions). Nobody logs tokens, keys, documents or results.
import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';

/** The service's name is the deployment's: lib/ sets POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();
const metrics = new Metrics({ namespace: 'LeiaJobs' });

/** Counts an occurrence; sent by `publishMetrics`. */
export const count = (metric: string, value = 1): void => {
  metrics.addMetric(metric, MetricUnit.Count, value);
};

export const warn = (message: string, about: Record<string, string | number | undefined> = {}): void =>
  logger.warn(message, about);

/** At the end of every invocation, also one that failed. */
export const publishMetrics = (): void => {
  if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
};
