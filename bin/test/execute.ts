// Runs a tool of node_modules to its end, or until it is stopped.
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { exitOf, spawnOnLeash, stopGroup } from '../local/process-group.ts';
import { root } from '../local/processes.ts';
import type { Output } from './output.ts';

export interface Execution {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly output: Output;
  /** Lets others go first when the machine is busy. */
  readonly yields: boolean;
  /** Stops the tool, with all that it started. */
  readonly signal: AbortSignal;
}

/** Longer than the emulated AWS takes to stop. */
const graceMs = 15_000;

/** @returns whether the tool succeeded */
export const execute = async (tool: string, { args, env, output, yields, signal }: Execution): Promise<boolean> => {
  if (signal.aborted) return false;
  const command = join(root, 'node_modules', '.bin', tool);
  const child = spawnOnLeash({
    command,
    args,
    env: { ...env, ...output.env },
    directory: root,
    stdout: output.stdio,
    stderr: output.stdio,
  });
  output.take(child);
  // Before it has started anything: all of that inherits it.
  if (yields && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
  const stop = (): void => void stopGroup(child, graceMs);
  signal.addEventListener('abort', stop, { once: true });
  const code = await exitOf(child);
  signal.removeEventListener('abort', stop);
  await stopGroup(child, graceMs);
  return code === 0;
};
