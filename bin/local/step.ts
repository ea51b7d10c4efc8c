import { Listr, PRESET_TIMER } from 'listr2';

/** Does one thing of a list under a title: a spinner and the time it took, or plain lines without a terminal. */
export const step = async <T>(title: string, act: () => Promise<T>): Promise<T> => {
  const outcomes: PromiseSettledResult<T>[] = [];
  const task = async (): Promise<void> => {
    const [outcome] = await Promise.allSettled([act()]);
    outcomes.push(outcome);
    // The list marks the step; what went wrong is said once, at the end of the run.
    if (outcome.status === 'rejected') throw new Error('see below');
  };
  await new Listr([{ title, task }], {
    exitOnError: false,
    registerSignalListeners: false,
    rendererOptions: { timer: PRESET_TIMER, showErrorMessage: false },
    fallbackRenderer: 'simple',
    fallbackRendererOptions: { timer: PRESET_TIMER },
  }).run();
  const [outcome] = outcomes;
  if (outcome?.status === 'fulfilled') return outcome.value;
  throw outcome?.reason;
};
