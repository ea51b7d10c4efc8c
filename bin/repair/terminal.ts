// Where answers and questions go: answers to the standard output, all else to the standard error.
import process from 'node:process';
import { createInterface } from 'node:readline/promises';

export type Terminal = {
  /** The answer of a command. */
  answer(text: string): void;
  /** Something to know beside it. */
  note(text: string): void;
  /** How far it is: on a terminal the same line again and again, else none. Empty: the line goes. */
  progress(text: string): void;
  /** A yes to a question; undefined where nobody can be asked. */
  confirm(question: string): Promise<boolean> | undefined;
};

const CLEAR = '\r\u001b[2K';

export const realTerminal = (): Terminal => {
  const { stdin, stdout, stderr } = process;
  const progress = (text: string): void => {
    if (stderr.isTTY) stderr.write(`${CLEAR}${text}`);
  };
  return {
    answer: (text) => void stdout.write(`${text}\n`),
    note: (text) => {
      progress('');
      stderr.write(`${text}\n`);
    },
    progress,
    confirm: (question) => (stdin.isTTY && stderr.isTTY ? ask(question) : undefined),
  };
};

const ask = async (question: string): Promise<boolean> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
};
