// What travels between a test and the hooks of a local LEIA. One schema for each hook, shared by both ends.
import * as z from 'zod';
import { Fault } from './http/faults.ts';
import { resultTypes, statuses } from './rules/model.ts';
import { Script } from './worker/scripted.ts';

/** No client of LEIA uses this path. */
export const hooksPath = '/__hooks';

const jobId = z.string();
const on = z.object({ on: z.boolean() });
const nothing = z.object({});

export const CallbackRule = z.object({
  action: z.enum(['drop', 'delay', 'duplicate', 'reorder']),
  times: z.int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  seed: z.int().optional(),
  jobId: jobId.optional(),
  urlIncludes: z.string().optional(),
  delayMs: z.number().nonnegative().optional(),
  copies: z.int().positive().optional(),
  among: z.int().positive().optional(),
});

const ForcedChange = z.object({
  status: z.enum(statuses).optional(),
  result_type: z.enum(resultTypes).nullable().optional(),
  result: z.unknown().optional(),
  resultText: z.string().optional(),
  reason: z.string().nullable().optional(),
  http_code: z.int().nullable().optional(),
  parent_job_id: jobId.optional(),
  creation_time: z.number().optional(),
  starting_time: z.number().nullable().optional(),
  finished_time: z.number().nullable().optional(),
  callback: z.boolean().optional(),
});

/** The hooks that take something or change something, by name. */
export const hookRequests = {
  'clock/hold': nothing,
  'clock/step': z.object({ ms: z.number().nonnegative() }),
  'clock/release': nothing,
  'clock/now': nothing,
  'force-job': z.object({ id: jobId, change: ForcedChange }),
  'forget-job': z.object({ id: jobId }),
  'call-back': z.object({ id: jobId }),
  'expire-tokens': z.object({ apiKey: z.string().optional() }),
  'callback-rule': CallbackRule,
  'clear-callback-rules': nothing,
  'callback-log': nothing,
  fault: Fault,
  'clear-faults': nothing,
  script: Script,
  'clear-scripts': nothing,
  'hold-jobs': on,
  'set-available': on,
  'echo-callback-url': on,
  'hide-submissions': z.object({ ms: z.number().nonnegative().nullable(), times: z.int().positive() }),
  'reveal-jobs': nothing,
  requests: nothing,
  counts: nothing,
  'reset-counts': nothing,
  jobs: nothing,
  reset: nothing,
} as const;

export type HookName = keyof typeof hookRequests;
export type HookInput<N extends HookName> = z.input<(typeof hookRequests)[N]>;
export type HookRequest<N extends HookName> = z.output<(typeof hookRequests)[N]>;
