// The metrics that alarms and the dashboard look at, as plain data.
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { resources } from './stacks.ts';

const Reference = z.union([
  z.object({ Ref: z.string() }),
  z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.string()]) }),
  z.object({ 'Fn::ImportValue': z.string() }),
]);
export type Reference = z.infer<typeof Reference>;

export interface WatchedMetric {
  /** Who looks: the alarm's description, or the widget's title. */
  by: string;
  namespace: string;
  name: string;
  dimensions: Record<string, string | Reference>;
}

const Alarm = z.object({
  AlarmDescription: z.string(),
  Namespace: z.string(),
  MetricName: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.union([z.string(), Reference]) })).default([]),
});

export const watchedByAlarms = (stack: Stack): WatchedMetric[] =>
  [...resources(Template.fromStack(stack), 'AWS::CloudWatch::Alarm').values()].map(({ Properties }) => {
    const { AlarmDescription, Namespace, MetricName, Dimensions } = Alarm.parse(Properties);
    const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
    return { by: AlarmDescription, namespace: Namespace, name: MetricName, dimensions };
  });

const Body = z.object({
  DashboardBody: z.union([z.string(), z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) })]),
});
const Widget = z.object({
  properties: z.object({ title: z.string(), metrics: z.array(z.array(z.unknown())) }),
});

/** In the text of a dashboard, a reference stands between other texts: here it is JSON in a string. */
const bodyOf = (properties: unknown): string => {
  const { DashboardBody } = Body.parse(properties);
  if (typeof DashboardBody === 'string') return DashboardBody;
  const parts = DashboardBody['Fn::Join'][1];
  return parts
    .map((part) => (typeof part === 'string' ? part : JSON.stringify(JSON.stringify(part)).slice(1, -1)))
    .join('');
};

const referenceIn = (text: string): string | Reference =>
  text.startsWith('{') ? Reference.parse(JSON.parse(text)) : text;

/** Metrics of expressions name no metric and are left out. */
export const watchedByDashboard = (stack: Stack): WatchedMetric[] =>
  [...resources(Template.fromStack(stack), 'AWS::CloudWatch::Dashboard').values()].flatMap(({ Properties }) => {
    const { widgets } = z.object({ widgets: z.array(Widget) }).parse(JSON.parse(bodyOf(Properties)));
    return widgets.flatMap(({ properties: { title, metrics } }) =>
      metrics.flatMap((metric) => {
        const [namespace, name, ...rest] = metric.filter((part) => typeof part === 'string');
        if (namespace === undefined || name === undefined) return [];
        const dimensions = Object.fromEntries(
          Array.from({ length: rest.length / 2 }, (_, index) => [
            rest[2 * index],
            referenceIn(rest[2 * index + 1] ?? ''),
          ]),
        );
        return [{ by: title, namespace, name, dimensions }];
      }),
    );
  });
