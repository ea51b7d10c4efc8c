#!/usr/bin/env node
// npx leia-jobs: runs leia-jobs.ts with the project's own Node, whichever one the person has; older ones do not take
// TypeScript. Plain JavaScript without dependencies.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(fileURLToPath(import.meta.url), '..', '..');
const node = join(root, 'node_modules', '.bin', 'node');

if (existsSync(node)) {
  const child = spawn(node, [join(root, 'bin', 'leia-jobs.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
  // The program ends by the same signal, which a terminal sends to both.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 143);
  });
} else {
  console.error(`error: run npm ci in ${root} first`);
  process.exitCode = 1;
}
