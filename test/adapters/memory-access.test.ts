import { describe } from 'vitest';
import { memoryAccess } from '../support/memory-access.ts';
import { accessContract } from './access-contract.ts';

describe('applications and sessions in memory', () => {
  accessContract(memoryAccess);
});
