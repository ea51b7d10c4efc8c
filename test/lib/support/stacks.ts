// The stacks as `cdk deploy` would make them, but without the functions' code, which takes its time.
import { readFileSync } from 'node:fs';
import { App } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';
import { addStacks, type Stacks } from '../../../lib/bundle.ts';

const cdkJson = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8')));

/** An app with a deployment of these settings, by default those of a first deployment. */
export const deployment = (settings: Record<string, unknown> = {}): Stacks & { app: App } => {
  const noBundling = { 'aws:cdk:bundling-stacks': [] };
  const context = { ...cdkJson.context, leiaUrl: 'https://api.leia.io/leia/1.0.0', ...settings, ...noBundling };
  const app = new App({ context, analyticsReporting: false });
  return { app, ...addStacks(app) };
};

const Resource = z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) });
export type Resource = z.infer<typeof Resource>;

/** Resources of one type by logical id. */
export const resources = (template: Template, type: string): Map<string, Resource> =>
  new Map(Object.entries(template.findResources(type)).map(([id, resource]) => [id, Resource.parse(resource)]));
