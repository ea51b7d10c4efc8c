// The journeys, on the emulated AWS: the stacks as the CDK deploys them, the functions as Lambda runs them.
import { afterEach } from 'vitest';
import { callbackJourneys } from './journeys/callbacks.ts';
import { chainJourneys } from './journeys/chains.ts';
import { listJourneys } from './journeys/lists.ts';
import { orderJourneys } from './journeys/orders.ts';
import { submissionJourneys } from './journeys/submissions.ts';
import { sweepJourneys } from './journeys/sweeps.ts';
import { emulatedGround } from './support/emulated-ground.ts';

const ground = emulatedGround();

afterEach(() => ground.leia.reset());

callbackJourneys(() => ground);
submissionJourneys(() => ground);
listJourneys(() => ground);
orderJourneys(() => ground);
sweepJourneys(() => ground, { many: 1000 });
chainJourneys(() => ground, { many: 50 });
