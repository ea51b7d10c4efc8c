// LEIA in a run: the local LEIA's own endpoints and rules, without a network. Its clock is the run's, a little off.
import type { HttpBindings } from '@hono/node-server';
import { admin, developer, secondDeveloper } from '../../leia/applications.ts';
import { leiaApi } from '../../leia/http/app.ts';
import { type Callback, settleCallback, takeDueCallbacks } from '../../leia/rules/callbacks.ts';
import { addDocument } from '../../leia/rules/documents.ts';
import { isFinished, type Job, type Model } from '../../leia/rules/model.ts';
import { advance } from '../../leia/rules/time.ts';
import { createWorld, type World } from '../../leia/rules/world.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Cancel, Scheduler } from '../kernel/scheduler.ts';
import { type Inputs, workerOf } from './worker.ts';

export type LeiaReply = { status: number; headers: Record<string, string>; body: Uint8Array };

export type SimulatedLeia = {
  world: World;
  tokens: Map<string, string>;
  /** Documents of each application, the last for those who use LEIA directly. */
  documents: Map<string, string[]>;
  inputs: Inputs;
  now(): number;
  /** How far its clock is off, in milliseconds. */
  skew: number;
  /** Its jobs show no callback URLs. */
  hidesCallbackUrls: boolean;
  /** Processes a request, now. */
  serve(request: Request): Promise<LeiaReply>;
  /** Brings it up to its clock, and sees to it that this happens again in time. */
  wake(): void;
  /** Jobs as they ended, those that vanished later included. */
  ended: Map<string, Job>;
  /** Every job there ever was. */
  all: Map<string, Job>;
};

/** An admin submits for the first of the others. */
export const applications = [developer, secondDeveloper, admin];

/** Of documents that models are trained with. */
export const trainingTag = 'training';

export const models = { classifier: '5d52858cb4608e10db98ea1f', extractor: '5d52858cb4608e10db98ea20' };

const model = (id: string, model_type: Model['model_type']): Model => ({
  id,
  short_name: model_type,
  name: model_type,
  description: '',
  application_id: developer.id,
  creation_time: developer.creation_time,
  model_type,
  model_module: model_type,
  tags: [],
  examples: [],
});

/** What the endpoints look at of a connection. */
const connection = { incoming: { socket: { destroyed: false } } } as unknown as HttpBindings;

export type LeiaParts = {
  scheduler: Scheduler;
  chance: Chance;
  /** How far its clock is off, in milliseconds. */
  skew: number;
  /** Its jobs show none (D2). */
  hidesCallbackUrls: boolean;
  /** Sends a callback and tells how that ended. */
  callBack: (callback: Callback) => Promise<number | 'unreachable'>;
};

export const simulatedLeia = ({ scheduler, chance, skew, hidesCallbackUrls, callBack }: LeiaParts): SimulatedLeia => {
  const now = (): number => scheduler.now() + skew;
  const inputs: Inputs = new Map();
  const ids = idsFrom(now);
  const world = createWorld({
    time: now(),
    newId: ids,
    worker: workerOf(chance, inputs),
    slots: Number.POSITIVE_INFINITY,
    applications,
    models: [model(models.classifier, 'classification'), model(models.extractor, 'key_value_extraction')],
  });
  world.switches.echoCallbackUrl = !hidesCallbackUrls;
  const tokens = new Map<string, string>();
  const clock = { now, held: () => false, hold: () => {}, step: () => {}, release: () => {} };
  const api = leiaApi({ world, clock, tokens, newToken: () => chance.hex(32) });
  const ended = new Map<string, Job>();
  const all = new Map<string, Job>();
  let appointment: Cancel = () => {};

  const wake = (): void => {
    appointment();
    const due = advance(world, now());
    for (const job of world.jobs.values()) {
      all.set(job.id, job);
      if (isFinished(job.status) && !ended.has(job.id)) ended.set(job.id, structuredClone(job));
    }
    for (const callback of takeDueCallbacks(world.callbacks, world.time)) void send(callback);
    if (due !== undefined) appointment = scheduler.after(due - now(), () => 'LEIA goes on', wake);
  };
  const send = async (callback: Callback): Promise<void> => {
    settleCallback(world.callbacks, now(), callback, await callBack(callback));
    wake();
  };

  const documents = new Map(
    applications.map((application) => [
      application.id,
      Array.from({ length: 5 }, (_, nth) => {
        const upload = {
          filename: `document ${nth}.pdf`,
          ttlSeconds: undefined,
          tags: nth === 0 ? [trainingTag] : [],
          content: Buffer.from('PDF'),
        };
        return addDocument(world, application, upload).id;
      }),
    ]),
  );

  return {
    world,
    tokens,
    documents,
    inputs,
    now,
    skew,
    hidesCallbackUrls,
    wake,
    ended,
    all,
    serve: async (request) => {
      wake();
      const response = await api.fetch(request, connection);
      const body = new Uint8Array(await response.arrayBuffer());
      wake();
      return { status: response.status, headers: Object.fromEntries(response.headers), body };
    },
  };
};

/** Like LEIA's, ascending. */
const idsFrom = (now: () => number): (() => string) => {
  let counter = 0;
  return () => {
    counter += 1;
    const second = Math.floor(now() / 1000)
      .toString(16)
      .padStart(8, '0');
    return `${second}1e1a000000${counter.toString(16).padStart(6, '0')}`;
  };
};
