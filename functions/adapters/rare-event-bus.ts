// The event bus for who hardly ever has something to tell: its client is loaded with the first event.
import type { EventBus } from './event-bus.ts';

export const rareEventBus = (busName: string): EventBus => {
  let loading: Promise<EventBus> | undefined;
  return {
    publish: async (changes) => {
      loading ??= import('#event-bridge').then(({ eventBridge }) => eventBridge(busName));
      await (await loading).publish(changes);
    },
  };
};
