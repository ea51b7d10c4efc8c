// The local LEIA as a process: killed, and later started again at the same address, with the jobs that it had.
import { join } from 'node:path';
import process from 'node:process';
import { inject } from 'vitest';
import { startLocalLeia } from '../../../bin/local/local-leia.ts';
import { createProcesses, root } from '../../../bin/local/processes.ts';
import { eventually } from '../support/ground.ts';

const isGone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
};

export interface LeiaProcess extends AsyncDisposable {
  /** Kills it, and waits until it is gone. Of its sessions and scripts nothing is left. */
  kill(): Promise<void>;
  /** It answers once this has come about. */
  startAgain(): Promise<void>;
}

/** The one that global-setup.ts started; what is started here ends with this. */
export const leiaProcess = (): LeiaProcess => {
  const { leiaProcess: first, leiaUrl } = inject('flow');
  const processes = createProcesses();
  return {
    kill: async () => {
      process.kill(first.pid, 'SIGTERM');
      await eventually('LEIA to be gone', async () => isGone(first.pid) || undefined);
    },
    startAgain: async () => {
      const logDirectory = join(root, '.local', 'logs', 'flow');
      const port = Number(new URL(leiaUrl).port);
      await startLocalLeia(processes, { worker: 'scripted', logDirectory, stateFile: first.stateFile, port });
    },
    [Symbol.asyncDispose]: processes.stop,
  };
};
