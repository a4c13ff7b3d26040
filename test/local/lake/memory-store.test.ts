import { describe } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { objectContract } from '../../contracts/store.contract.ts';

describe('an object in memory', () => objectContract(async () => memoryStore()));
