import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import * as z from 'zod';
import { problem } from './problem.ts';

/** How a test makes LEIA misbehave. Faults are tried in the order in which they were set; the first that matches acts. */
export const Fault = z.object({
  /** Which requests: all of them by default. `path` is a regular expression over the path after the base path. */
  method: z.string().optional(),
  path: z.string().optional(),
  /** Only requests about several jobs at once. */
  onlyBatch: z.boolean().optional(),
  /** How many matching requests; null: all of them until the faults are cleared. Default 1. */
  times: z.int().positive().nullable().optional(),
  /** Lets this many matching requests pass first. */
  skip: z.int().nonnegative().optional(),
  /**
   * A status (as problem+json), `garbage` (200 with broken JSON), `nothing` (no answer, ever), `refuse` (the connection
   * is reset before anything is processed) or `cut` (the request is processed, then the connection is destroyed).
   * Absent: the right answer, which makes sense with `delayMs`.
   */
  answer: z.union([z.int().min(400).max(599), z.enum(['garbage', 'nothing', 'refuse', 'cut'])]).optional(),
  detail: z.string().optional(),
  /** Process the request although its answer is lost. Always so for `cut` and a mere delay. */
  processed: z.boolean().optional(),
  /** Real milliseconds before the answer. */
  delayMs: z.number().nonnegative().optional(),
  /** Seconds, as the Retry-After header. */
  retryAfter: z.int().nonnegative().optional(),
});
export type Fault = z.infer<typeof Fault>;

export type ActiveFault = Fault & { left: number; toSkip: number };

export const activeFault = (fault: Fault): ActiveFault => ({
  ...fault,
  left: fault.times === null ? Number.POSITIVE_INFINITY : (fault.times ?? 1),
  toSkip: fault.skip ?? 0,
});

const isBatch = (path: string): boolean => /^\/(?:admin\/[^/]+\/)?job\/[^/]*,[^/]*\//.test(path);

/** Takes the fault that this request meets, if any, and uses it up once. */
export const takeFault = (faults: ActiveFault[], method: string, path: string): Fault | undefined => {
  for (const fault of faults) {
    if (fault.left <= 0 || (fault.method !== undefined && fault.method !== method)) continue;
    if (fault.path !== undefined && !new RegExp(fault.path).test(path)) continue;
    if (fault.onlyBatch && !isBatch(path)) continue;
    if (fault.toSkip > 0) {
      fault.toSkip -= 1;
      continue;
    }
    fault.left -= 1;
    return fault;
  }
  return undefined;
};

/** Resets the connection: to the client it is as if nobody listened. */
export const refuse = ({ incoming }: HttpBindings): Response => {
  incoming.socket.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
};

const garbage = (): Response =>
  new Response('{"id": "5dceca12', { status: 200, headers: { 'content-type': 'application/json' } });

const unanswered = async ({ incoming }: HttpBindings): Promise<Response> => {
  if (!incoming.socket.destroyed) await once(incoming.socket, 'close');
  return RESPONSE_ALREADY_SENT;
};

const status = (code: number, { detail, retryAfter }: Fault): Response =>
  problem(
    code,
    detail ?? `Made to answer ${code} by a test`,
    retryAfter === undefined ? {} : { 'retry-after': `${retryAfter}` },
  );

/** Acts a fault out. `process` does what the request asks for and gives the right answer. */
export const actOut = async (fault: Fault, env: HttpBindings, process: () => Promise<Response>): Promise<Response> => {
  const { answer, delayMs = 0 } = fault;
  const processed = fault.processed || answer === 'cut' || answer === undefined;
  const right = processed ? await process() : undefined;
  if (delayMs > 0) await sleep(delayMs);
  switch (answer) {
    case 'refuse':
      return refuse(env);
    case 'cut':
      env.incoming.socket.destroy();
      return RESPONSE_ALREADY_SENT;
    case 'nothing':
      return unanswered(env);
    case 'garbage':
      return garbage();
    case undefined:
      return right ?? problem(500, 'Nothing was processed');
    default:
      return status(answer, fault);
  }
};
