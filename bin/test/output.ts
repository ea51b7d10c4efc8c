// Where the output of lanes goes that run side by side: one shows itself at once, the others when their turn comes.
import type { ChildProcess } from 'node:child_process';
import process from 'node:process';

export interface Output {
  readonly stdio: 'inherit' | 'pipe';
  /** What a process must be told so that it speaks as it would straight to us. */
  readonly env: NodeJS.ProcessEnv;
  /** Takes what a process says. */
  take(child: ChildProcess): void;
  say(line: string): void;
}

/** Straight to ours. */
export const shown: Output = { stdio: 'inherit', env: {}, take: () => undefined, say: (line) => console.log(line) };

/** Kept until it is released; from then on passed on as it comes. */
export const held = (): Output & { release(): void } => {
  let kept: (string | Uint8Array)[] | undefined = [];
  const write = (chunk: string | Uint8Array): void => {
    if (kept) kept.push(chunk);
    else process.stdout.write(chunk);
  };
  return {
    stdio: 'pipe',
    env: process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : {},
    take: ({ stdout, stderr }) => {
      for (const stream of [stdout, stderr]) stream?.on('data', write);
    },
    say: (line) => write(`${line}\n`),
    release: () => {
      for (const chunk of kept ?? []) process.stdout.write(chunk);
      kept = undefined;
    },
  };
};
