// The journeys, on the emulated AWS: the stacks as the CDK deploys them, the functions as Lambda runs them.
import { afterEach } from 'vitest';
import { adminJourneys } from './journeys/admin.ts';
import { callbackJourneys } from './journeys/callbacks.ts';
import { callerJourneys } from './journeys/caller-callbacks.ts';
import { chainAccidentJourneys } from './journeys/chain-accidents.ts';
import { chainCancelJourneys } from './journeys/chain-cancels.ts';
import { chainLimitJourneys } from './journeys/chain-limits.ts';
import { chainJourneys } from './journeys/chains.ts';
import { documentJourneys } from './journeys/documents.ts';
import { listJourneys } from './journeys/lists.ts';
import { orderJourneys } from './journeys/orders.ts';
import { resultJourneys } from './journeys/results.ts';
import { sessionJourneys } from './journeys/sessions.ts';
import { submissionJourneys } from './journeys/submissions.ts';
import { sweepJourneys } from './journeys/sweeps.ts';
import { trainJourneys } from './journeys/train.ts';
import { emulatedGround } from './support/emulated-ground.ts';

const ground = emulatedGround();

afterEach(() => ground.leia.reset());

callbackJourneys(() => ground);
callerJourneys(() => ground);
submissionJourneys(() => ground);
sessionJourneys(() => ground);
documentJourneys(() => ground);
resultJourneys(() => ground);
listJourneys(() => ground);
orderJourneys(() => ground);
trainJourneys(() => ground);
adminJourneys(() => ground);
sweepJourneys(() => ground);
chainJourneys(() => ground);
chainAccidentJourneys(() => ground);
chainCancelJourneys(() => ground);
chainLimitJourneys(() => ground, { many: 50, depth: 5 });
