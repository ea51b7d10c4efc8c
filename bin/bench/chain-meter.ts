// What AWS would bill of what happens between two looks: calls of functions, units of the table.
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';

export interface Use {
  readonly transitions: number;
  /** Milliseconds of each call, rounded up as Lambda bills them, by function. */
  readonly calls: ReadonlyMap<string, readonly number[]>;
  readonly writeUnits: number;
  readonly readUnits: number;
  readonly events: number;
  readonly leiaRequests: number;
}

export interface Meter {
  /** Runs a function as one call of it. */
  call<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** Counts, from now on, what the table says that its requests consume. */
  watch(table: DynamoDBDocumentClient): void;
  /** Everything since the last time. */
  take(): Pick<Use, 'calls' | 'writeUnits' | 'readUnits'>;
}

const Units = z.object({ CapacityUnits: z.number() });
const Answer = z.object({ ConsumedCapacity: z.union([z.array(Units), Units.transform((one) => [one])]).optional() });
const Transaction = z.object({ TransactItems: z.array(z.object({ ConditionCheck: z.unknown().optional() })) });

const reading = /^(Get|BatchGet|Query)/;
/** The emulator leaves them out: two units for each KB of the item that is checked, which is a conditional job’s own. */
const unitsOfCheck = 4;

export const newMeter = (): Meter => {
  let calls = new Map<string, number[]>();
  let units = { writeUnits: 0, readUnits: 0 };
  const call = async <T>(name: string, act: () => Promise<T>): Promise<T> => {
    const start = performance.now();
    try {
      return await act();
    } finally {
      calls.set(name, [...(calls.get(name) ?? []), Math.ceil(performance.now() - start)]);
    }
  };
  const note = (command: string, input: object, output: object): void => {
    const { ConsumedCapacity = [] } = Answer.parse(output);
    const checks = Transaction.safeParse(input).data?.TransactItems.filter((one) => one.ConditionCheck) ?? [];
    const consumed = ConsumedCapacity.reduce((sum, one) => sum + one.CapacityUnits, checks.length * unitsOfCheck);
    units[reading.test(command) ? 'readUnits' : 'writeUnits'] += consumed;
  };
  const watch = (table: DynamoDBDocumentClient): void =>
    table.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          const reply = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
          note(commandName, args.input, reply.output);
          return reply;
        },
      { step: 'initialize', name: 'meter' },
    );
  return {
    call,
    watch,
    take: () => {
      const taken = { ...units, calls };
      calls = new Map();
      units = { writeUnits: 0, readUnits: 0 };
      return taken;
    },
  };
};
