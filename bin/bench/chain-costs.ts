// What a chain costs at list prices, beside a state machine for the same that asks LEIA every ten seconds.
import { settingsOf } from '../../lib/config.ts';
import { table } from '../local/table.ts';
import type { Use } from './chain-meter.ts';
import { entries } from './chain-use.ts';
import { atMost, type Section } from './report.ts';

/** US dollars for one, us-east-1, November 2026, without free tiers. */
const prices = {
  transitions: 0.025 / 1000,
  calls: 0.2 / 1e6,
  /** On arm64. */
  gigabyteSeconds: 0.0000133334,
  writeUnits: 0.625 / 1e6,
  readUnits: 0.125 / 1e6,
  httpRequests: 1 / 1e6,
  queueRequests: 0.4 / 1e6,
  events: 1 / 1e6,
} as const;
type Item = keyof typeof prices;
type Bill = Record<Item, number>;

const names: Record<Item, string> = {
  transitions: 'state transitions',
  calls: 'Lambda requests',
  gigabyteSeconds: 'Lambda GB-seconds (arm64)',
  writeUnits: 'DynamoDB write units',
  readUnits: 'DynamoDB read units',
  httpRequests: 'HTTP API requests',
  queueRequests: 'SQS requests',
  events: 'events on the bus',
};
const items = Object.keys(prices) as Item[];

const { functionMemoryMegabytes } = settingsOf({ leiaUrl: 'https://leia.example' });
const gigabytes = functionMemoryMegabytes / 1024;
const http = new Set(['submit-job', 'receive-callback']);
/** Sent, received, deleted. */
const requestsAMessage = 3;

const billOf = ({ transitions, calls, writeUnits, readUnits, events }: Use): Bill => {
  const all = [...calls.values()].flat();
  const callsOf = (is: (name: string) => boolean): number =>
    [...calls].reduce((sum, [name, times]) => sum + (is(name) ? times.length : 0), 0);
  return {
    transitions,
    calls: all.length,
    gigabyteSeconds: (gigabytes * all.reduce((sum, millis) => sum + millis, 0)) / 1000,
    writeUnits,
    readUnits,
    httpRequests: callsOf((name) => http.has(name)),
    queueRequests: requestsAMessage * callsOf((name) => name === 'send-job'),
    events,
  };
};

const entrySeconds = 120;
const pollSeconds = 10;

/**
 * For each entry: submit, then wait, ask and choose until it has ended. Around it: evaluate, choose, end. It keeps no
 * record, so that nobody can list, read or cancel its jobs, and it loses what happens while LEIA is down.
 */
const naive = (callMillis: number): Bill => {
  const polls = entrySeconds / pollSeconds;
  const calls = 1 + entries * (1 + polls);
  return {
    transitions: 3 + entries * (1 + 3 * polls),
    calls,
    gigabyteSeconds: (gigabytes * calls * callMillis) / 1000,
    writeUnits: 0,
    readUnits: 0,
    httpRequests: 1,
    queueRequests: 0,
    events: 0,
  };
};

const costOf = (bill: Bill, of: readonly Item[] = items): number =>
  of.reduce((sum, item) => sum + bill[item] * prices[item], 0);
const mean = (bills: readonly Bill[]): Bill =>
  Object.fromEntries(
    items.map((item) => [item, bills.reduce((sum, one) => sum + one[item], 0) / bills.length]),
  ) as Bill;

/** Of a thousand chains: a single one costs too little to be read. */
const dollars = (cost: number): string => `$${(1000 * cost).toFixed(3)}`;
const amount = (value: number): string => value.toFixed(2).replace(/\.?0+$/, '');

/** @param callMillis how long a function takes that asks LEIA one thing */
export const chainSection = (uses: readonly Use[], callMillis: number): Section => {
  const ours = mean(uses.map(billOf));
  const theirs = naive(callMillis);
  const rows = items.map((item) => [
    names[item],
    amount(ours[item]),
    dollars(costOf(ours, [item])),
    amount(theirs[item]),
    dollars(costOf(theirs, [item])),
  ]);
  const total = ['total', '', dollars(costOf(ours)), '', dollars(costOf(theirs))];
  const places = new Set(uses.flatMap(({ writeUnitsOf }) => [...writeUnitsOf.keys()]));
  const written = [...places].map((place) => {
    const units = uses.reduce((sum, { writeUnitsOf }) => sum + (writeUnitsOf.get(place) ?? 0), 0) / uses.length;
    return `${amount(units)} ${place}`;
  });
  const leiaRequests = uses.reduce((sum, one) => sum + one.leiaRequests, 0) / uses.length;
  const polled = entries * (1 + entrySeconds / pollSeconds);
  return {
    title: `A chain of ${entries} entries in a row, ${entrySeconds / 60} minutes each, at list prices`,
    lines: [
      atMost('state transitions', ours.transitions, 2 * entries + 6, amount),
      atMost('a thousand chains, beside polling', costOf(ours), costOf(theirs), dollars),
    ],
    notes: [
      table(['', 'a chain', 'a thousand', `polling each ${pollSeconds} s`, 'a thousand'], [...rows, total]),
      `Prices: us-east-1, no free tier. Counted in ${uses.length} runs; the trigger’s own cost, the sweeps’ share and logs are in neither.`,
      `Of the write units: ${written.join(', ')}.`,
      `LEIA gets ${amount(leiaRequests)} requests, checks of the named documents and models among them; by polling ${polled}.`,
      'The polling machine keeps no record: nobody can list, read or cancel its jobs.',
    ],
  };
};
