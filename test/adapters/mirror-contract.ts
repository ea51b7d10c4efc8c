// What every mirror promises; run against the one in memory and the one on DynamoDB.
import type { Mirror } from '../../functions/adapters/mirror.ts';
import { changesContract } from './mirror-contract/changes.ts';
import { lanesContract } from './mirror-contract/lanes.ts';
import { listsContract } from './mirror-contract/lists.ts';
import { resultsContract } from './mirror-contract/results.ts';
import { sceneOf } from './mirror-contract/scene.ts';

/** Declares the tests of the contract for the mirror that `make` gives. */
export const mirrorContract = (make: () => Mirror): void => {
  const scene = sceneOf(make());
  changesContract(scene);
  resultsContract(scene);
  lanesContract(scene);
  listsContract(scene);
};
