// An SQS queue: at least once, in no order, again after a failure, at last to the dead letters.
import type { Faults } from '../faults.ts';
import type { Chance } from '../kernel/chance.ts';
import type { Outcome } from '../kernel/lambda.ts';
import type { Scheduler } from '../kernel/scheduler.ts';

/** A message as its receiver gets it. */
export type Received = { body: string; receiptHandle: string; attributes: { ApproximateReceiveCount: string } };

type Parts = {
  name: string;
  scheduler: Scheduler;
  chance: Chance;
  faults: Faults;
  receive: (message: Received) => Promise<Outcome<unknown>>;
  maxReceiveCount: number;
};

export type Queue = {
  put(body: string): void;
  /** Makes a message that is not deleted show again after so many seconds. */
  putOff(receiptHandle: string, seconds: number): void;
  dead: string[];
  /** How many messages there are, visible or not. */
  count(): number;
};

/** Until a message shows again that its receiver has neither deleted nor put off. */
const VISIBILITY_MILLIS = 174_000;

export const queue = ({ name, scheduler, chance, faults, receive, maxReceiveCount }: Parts): Queue => {
  const dead: string[] = [];
  const waits = new Map<string, number>();
  let handles = 0;
  let count = 0;
  const show = (body: string, receives: number, wait: number): void => {
    const give = async (): Promise<void> => {
      handles += 1;
      const receiptHandle = `${name} ${handles}`;
      const outcome = await receive({ body, receiptHandle, attributes: { ApproximateReceiveCount: String(receives) } });
      if (outcome.outcome !== 'done' && receives < maxReceiveCount)
        return show(body, receives + 1, waits.get(receiptHandle) ?? VISIBILITY_MILLIS);
      count -= 1;
      if (outcome.outcome !== 'done') dead.push(body);
    };
    scheduler.after(
      wait,
      () => `${name} delivers ${body}`,
      () => void give(),
    );
  };
  const add = (body: string, wait: number): void => {
    count += 1;
    show(body, 1, wait);
  };
  return {
    dead,
    count: () => count,
    putOff: (receiptHandle, seconds) => void waits.set(receiptHandle, seconds * 1000),
    put: (body) => {
      add(body, faults.strikes('message-late') ? chance.between(10_000, 150_000) : chance.between(5, 200));
      if (faults.strikes('message-twice')) add(body, chance.between(5, 60_000));
    },
  };
};
