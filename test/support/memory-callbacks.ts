// The callbacks queue in memory: messages that come again when they were put off, and are set aside after so many tries.
import type { CallbackRecord } from '../../functions/deliver-callback.ts';

type Message = { id: string; handle: string; receives: number; visibleAt: number };

export type MemoryCallbacks = {
  put(jobIds: string[]): Promise<void>;
  putOff(handle: string, seconds: number): Promise<void>;
  /** Hands out what is visible now, one message after the other, until nothing is. */
  work(deliver: (record: CallbackRecord) => Promise<void>): Promise<void>;
  /** Ids of the jobs whose messages were set aside. */
  dead(): string[];
  /** Ids of the jobs whose messages are on the queue, visible or not. */
  waiting(): string[];
};

/** As long as the visibility timeout: a message whose receiver died comes again. */
const visibilitySeconds = 120;

export const memoryCallbacks = ({ now, tries }: { now: () => number; tries: number }): MemoryCallbacks => {
  const messages = new Map<string, Message>();
  const dead: string[] = [];
  let handles = 0;
  const next = (): Message | undefined => [...messages.values()].find(({ visibleAt }) => visibleAt <= now());
  return {
    put: async (ids) => {
      for (const id of ids) {
        handles += 1;
        messages.set(String(handles), { id, handle: String(handles), receives: 0, visibleAt: 0 });
      }
    },
    putOff: async (handle, seconds) => {
      const message = messages.get(handle);
      if (message) message.visibleAt = now() + seconds * 1000;
    },
    work: async (deliver) => {
      for (let message = next(); message; message = next()) {
        message.receives += 1;
        message.visibleAt = now() + visibilitySeconds * 1000;
        if (message.receives > tries) {
          messages.delete(message.handle);
          dead.push(message.id);
          continue;
        }
        const attributes = { ApproximateReceiveCount: String(message.receives) };
        const record = { body: JSON.stringify({ job_id: message.id }), receiptHandle: message.handle, attributes };
        await deliver(record).then(
          () => messages.delete(record.receiptHandle),
          () => undefined,
        );
      }
    },
    dead: () => [...dead],
    waiting: () => [...messages.values()].map(({ id }) => id),
  };
};
