// The account's event bus, with its client.
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { type EventBus, eventBus } from './event-bus.ts';

export const eventBridge = (busName: string): EventBus => eventBus({ client: new EventBridgeClient({}), busName });
