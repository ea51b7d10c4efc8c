import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Deadline, deadlinesBy, inTime, machineTimer } from '../../functions/adapters/leia-deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const within = deadlinesBy(machineTimer);

describe('a deadline', () => {
  it('ends with its work, and leaves no timer behind', async () => {
    let seen: Deadline | undefined;
    const work = within(5, async (deadline) => {
      seen = deadline;
      expect(vi.getTimerCount()).toBe(1);
      return 'done';
    });
    expect(await work).toBe('done');
    expect(vi.getTimerCount()).toBe(0);
    vi.advanceTimersByTime(6000);
    expect(seen?.signal.aborted).toBe(false);
  });

  it('ends with work that fails', async () => {
    await expect(within(5, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('cuts off work that is late', async () => {
    const work = within(5, (deadline) => inTime(new Promise(() => {}), deadline));
    await vi.advanceTimersByTimeAsync(4999);
    expect(vi.getTimerCount()).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await work).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});
