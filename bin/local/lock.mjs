// A lock file that names its holder, and that outlives no holder. Plain JavaScript: the set-up uses it before
// anything is installed.
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * @typedef {{ pid: number, born: string, note: string }} Holder
 * `born` is when the process started, as the kernel counts it: a process id alone may be someone else's by now.
 * @typedef {{ held: true, release: () => void, annotate: (note: string) => void } | { held: false, by: Holder }} Claim
 */

const takeoverSeconds = 10;

/** @param {number} pid */
const bornOf = (pid) => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold blanks: count the fields behind it. Field 22 is the start time.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return ''; // No /proc (macOS): the process id has to do.
  }
};

/** @param {Holder} holder */
const lives = (holder) => {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  return holder.born === bornOf(holder.pid);
};

/** @param {unknown} error */
const codeOf = (error) => (error instanceof Error && 'code' in error ? error.code : undefined);

/** @param {string} path @param {string} text */
const createExclusively = (path, text) => {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
};

/** @param {string} path @returns {Holder | undefined} */
const readHolder = (path) => {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8'));
    return typeof holder?.pid === 'number' ? holder : undefined;
  } catch {
    return undefined;
  }
};

/** @param {string} path */
const ageSeconds = (path) => {
  try {
    return (Date.now() - statSync(path).mtimeMs) / 1000;
  } catch {
    return 0; // Gone meanwhile.
  }
};

/**
 * Removes a lock whose holder is gone. Two processes may find the same stale lock: the second must not remove what
 * the first has put in its place, so looking again and removing happen under a lock of their own.
 * @param {string} path
 */
const removeStale = (path) => {
  const takeover = `${path}.takeover`;
  if (!createExclusively(takeover, String(process.pid))) {
    if (ageSeconds(takeover) > takeoverSeconds) rmSync(takeover, { force: true });
    return;
  }
  try {
    const holder = readHolder(path);
    // A file without a holder is one being written just now, or one whose writer was killed in between.
    const stale = holder ? !lives(holder) : ageSeconds(path) > takeoverSeconds;
    if (stale) rmSync(path, { force: true });
  } finally {
    rmSync(takeover, { force: true });
  }
};

/**
 * Takes the lock at `path`, or says who holds it.
 * @param {string} path
 * @returns {Promise<Claim>}
 */
export const claim = async (path) => {
  mkdirSync(dirname(path), { recursive: true });
  const mine = { pid: process.pid, born: bornOf(process.pid), note: '' };
  for (;;) {
    if (createExclusively(path, JSON.stringify(mine))) {
      return {
        held: true,
        release: () => rmSync(path, { force: true }),
        annotate: (note) => writeFileSync(path, JSON.stringify({ ...mine, note })),
      };
    }
    const by = readHolder(path);
    if (by && lives(by)) return { held: false, by };
    removeStale(path);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
