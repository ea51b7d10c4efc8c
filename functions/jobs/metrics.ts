// How the bundle's metrics are told apart and measured: functions send them so (D14), alarms and dashboard look for them so.

export const metricsNamespace = 'LeiaJobs';

/** Metrics that come in a few sorts, and the dimension that tells these apart. To CloudWatch each sort is a metric, which costs. */
export const sortedMetrics = {
  JobsFinished: 'status',
  EndingLearnt: 'source',
  LeiaRequests: 'kind',
  LeiaOddity: 'where',
} as const;
export type SortedMetric = keyof typeof sortedMetrics;

/** Metrics that are measured, not counted. */
export const measures = {
  TimeToFinish: 'Milliseconds',
  OldestUnsent: 'Seconds',
  OldestFollowUp: 'Seconds',
} as const;
export type Measure = keyof typeof measures;

export const isSorted = (metric: string): metric is SortedMetric => Object.hasOwn(sortedMetrics, metric);
export const isMeasure = (metric: string): metric is Measure => Object.hasOwn(measures, metric);
