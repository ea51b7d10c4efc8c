// Runs a command and ends it, with all that it started, when whoever holds the other end of standard input is gone –
// also when that one was killed and could not tidy up. Started by process-group.ts as the leader of a process group:
//   node bin/local/leash.ts <command> [arguments]
import { spawn } from 'node:child_process';
import process from 'node:process';

const graceSeconds = 5;
const [command = '', ...args] = process.argv.slice(2);
let letGo = false;

const signalGroup = (signal: NodeJS.Signals): void => {
  process.kill(-process.pid, signal);
};

const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });

child.on('error', (error) => {
  console.error(error.message);
  process.exitCode = 127;
  process.stdin.destroy();
});
child.on('exit', (code, signal) => {
  // Nobody is left to stop what the command may have left running.
  if (letGo) signalGroup('SIGKILL');
  process.exit(code ?? (signal === null ? 1 : 143));
});
process.stdin.on('close', () => {
  if (process.exitCode !== undefined) return;
  letGo = true;
  signalGroup('SIGTERM');
  setTimeout(() => signalGroup('SIGKILL'), graceSeconds * 1000);
});
process.stdin.resume();

// A signal to the group reaches the command by itself; the leash stays to see it end.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
