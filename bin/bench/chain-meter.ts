// What AWS would bill of what happens between two looks: calls of functions, units of the table.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

export interface Use {
  readonly transitions: number;
  /** Milliseconds of each call, rounded up as Lambda bills them, by function. */
  readonly calls: ReadonlyMap<string, readonly number[]>;
  readonly writeUnits: number;
  /** Of the write units, those of the table itself and of each index. */
  readonly writeUnitsOf: ReadonlyMap<string, number>;
  readonly readUnits: number;
  readonly events: number;
  readonly leiaRequests: number;
}

export interface Meter {
  /** Runs a function as one call of it. */
  call<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** Counts what the table says that its requests consume, of a client that has not asked it yet. */
  watch(table: DynamoDBClient): void;
  /** Everything since the last time. */
  take(): Pick<Use, 'calls' | 'writeUnits' | 'writeUnitsOf' | 'readUnits'>;
}

const Capacity = z.object({ CapacityUnits: z.number() });
const Units = Capacity.extend({ GlobalSecondaryIndexes: z.record(z.string(), Capacity).default({}) });
const Answer = z.object({ ConsumedCapacity: z.union([z.array(Units), Units.transform((one) => [one])]).default([]) });

const reading = /^(Get|BatchGet|Query)/;

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, one) => total + one, 0);

export const newMeter = (): Meter => {
  let calls = new Map<string, number[]>();
  let readUnits = 0;
  let writeUnitsOf = new Map<string, number>();
  const call = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await act();
    } finally {
      calls.set(name, [...(calls.get(name) ?? []), Math.ceil(performance.now() - start)]);
    }
  };
  const wrote = (where: string, units: number): void =>
    void writeUnitsOf.set(where, (writeUnitsOf.get(where) ?? 0) + units);
  const note = (command: string, output: object): void => {
    for (const { CapacityUnits, GlobalSecondaryIndexes } of Answer.parse(output).ConsumedCapacity) {
      if (reading.test(command)) {
        readUnits += CapacityUnits;
        continue;
      }
      const indexes = Object.entries(GlobalSecondaryIndexes);
      for (const [name, index] of indexes) wrote(name, index.CapacityUnits);
      wrote('the table', CapacityUnits - sum(indexes.map(([, index]) => index.CapacityUnits)));
    }
  };
  const watch = (table: DynamoDBClient): void =>
    table.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const reply = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'INDEXES' } });
          note(commandName, reply.output);
          return reply;
        },
      { step: 'initialize', name: 'meter' },
    );
  return {
    call,
    watch,
    take: () => {
      const taken = { calls, readUnits, writeUnits: sum(writeUnitsOf.values()), writeUnitsOf };
      calls = new Map();
      readUnits = 0;
      writeUnitsOf = new Map();
      return taken;
    },
  };
};
