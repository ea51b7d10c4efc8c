// The journeys of test/flow, with the whole bundle in this process: the real handlers, tables in memory, a local LEIA.
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { adminJourneys } from '../flow/journeys/admin.ts';
import { callbackJourneys } from '../flow/journeys/callbacks.ts';
import { callerJourneys } from '../flow/journeys/caller-callbacks.ts';
import { chainAccidentJourneys } from '../flow/journeys/chain-accidents.ts';
import { chainCancelJourneys } from '../flow/journeys/chain-cancels.ts';
import { chainLimitJourneys } from '../flow/journeys/chain-limits.ts';
import { chainJourneys } from '../flow/journeys/chains.ts';
import { documentJourneys } from '../flow/journeys/documents.ts';
import { listJourneys } from '../flow/journeys/lists.ts';
import { orderJourneys } from '../flow/journeys/orders.ts';
import { resultJourneys } from '../flow/journeys/results.ts';
import { sessionJourneys } from '../flow/journeys/sessions.ts';
import { submissionJourneys } from '../flow/journeys/submissions.ts';
import { manyJobsJourney, sweepJourneys } from '../flow/journeys/sweeps.ts';
import { trainJourneys } from '../flow/journeys/train.ts';
import { type LocalLeia, startLeia } from '../leia/server.ts';
import { type Bundle, startBundle } from '../support/bundle.ts';

let leia: LocalLeia;
let bundle: Bundle;

beforeAll(async () => {
  leia = await startLeia();
  bundle = await startBundle({ leiaUrl: leia.url, leiaApiKey: leia.apiKey, leiaAdminApiKey: leia.adminApiKey });
});
afterEach(async () => {
  await leia.hooks.reset();
});
afterAll(async () => {
  await bundle.close();
  await leia.close();
  expect(bundle.counted.ContradictoryEnding ?? 0).toBe(0);
});

callbackJourneys(() => bundle);
callerJourneys(() => bundle);
submissionJourneys(() => bundle);
sessionJourneys(() => bundle);
documentJourneys(() => bundle);
resultJourneys(() => bundle);
listJourneys(() => bundle);
orderJourneys(() => bundle);
trainJourneys(() => bundle);
adminJourneys(() => bundle);
sweepJourneys(() => bundle);
manyJobsJourney(() => bundle, { many: 1000 });
chainJourneys(() => bundle);
chainAccidentJourneys(() => bundle);
chainCancelJourneys(() => bundle);
chainLimitJourneys(() => bundle, { many: 50, depth: 5 });
