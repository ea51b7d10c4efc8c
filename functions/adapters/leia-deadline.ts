// How long a call of LEIA may take, login and repeats included.

export type Deadline = { signal: AbortSignal; endsAt: number };

export const deadlineIn = (seconds: number): Deadline => ({
  signal: AbortSignal.timeout(seconds * 1000),
  endsAt: performance.now() + seconds * 1000,
});

export const millisLeft = ({ endsAt }: Deadline): number => endsAt - performance.now();

/** `work`, or undefined if the deadline comes first; the work goes on for others who wait for it. */
export const inTime = <T>(work: Promise<T>, { signal }: Deadline): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const giveUp = () => resolve(undefined);
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
