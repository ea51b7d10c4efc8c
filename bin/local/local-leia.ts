// LEIA for a local run: the one in test/leia as a process, or another one that LEIA_URL names.
import { join } from 'node:path';
import process from 'node:process';
import { z } from 'zod';
import { plainEnvironment } from './environment.ts';
import { choosePort } from './port.ts';
import { LocalRunError, type Processes, type StartedProcess } from './processes.ts';

const loginSeconds = 10;
const announcement = z.object({
  url: z.url(),
  api_key: z.string().min(1),
  admin_api_key: z.string().min(1),
  pid: z.int(),
});

export interface Leia {
  /** With its path, as in `http://127.0.0.1:4010/leia/1.0.0`. */
  readonly url: string;
  readonly apiKey: string;
  /** The local LEIA's process; none when LEIA_URL names another LEIA, which has no test hooks either. */
  readonly process?: StartedProcess;
}

/** The LEIA that LEIA_URL and LEIA_API_KEY name, if they do. */
export const givenLeia = (): Leia | undefined => {
  const { LEIA_URL: url, LEIA_API_KEY: apiKey } = process.env;
  if (!url) return undefined;
  if (!URL.canParse(url)) throw new LocalRunError(`LEIA_URL is not a URL: ${url}`);
  if (!apiKey) throw new LocalRunError('LEIA_URL is set and LEIA_API_KEY is not: set it to an API key of that LEIA.');
  return { url: url.replace(/\/+$/, ''), apiKey };
};

/** @throws LocalRunError unless that LEIA is there and takes its key */
export const checkLeia = async ({ url, apiKey }: Leia): Promise<void> => {
  const login = fetch(`${url}/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ api_key: apiKey }),
    signal: AbortSignal.timeout(loginSeconds * 1000),
  });
  const reply = await login.catch((error: unknown) => {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : error;
    throw new LocalRunError(`No LEIA answers at ${url} (${why}): check LEIA_URL.`);
  });
  if (reply.ok) return;
  throw new LocalRunError(
    reply.status === 401 || reply.status === 403
      ? `LEIA at ${url} refuses the key in LEIA_API_KEY (${reply.status}).`
      : `LEIA at ${url} answers a login with ${reply.status}: check LEIA_URL, which ends with /leia/1.0.0 as a rule.`,
  );
};

/** `scripted` does what a test tells it instead of real work; what it knows is kept in `stateFile`, if given. */
export interface LocalLeiaOptions {
  readonly worker: 'real' | 'scripted';
  readonly logDirectory: string;
  readonly stateFile?: string;
  /** A free one unless given. */
  readonly port?: number;
}

/** Starts the local LEIA. `pid`: of the process itself, for whoever wants it killed. */
export const startLocalLeia = async (
  processes: Processes,
  { worker, logDirectory, stateFile, port: given }: LocalLeiaOptions,
): Promise<Leia & { readonly adminApiKey: string; readonly pid: number }> => {
  const port = await choosePort(given);
  const leia = processes.start({
    name: 'the local LEIA',
    command: process.execPath,
    args: [
      ...[join('test', 'leia', 'main.ts'), '--port', String(port), '--worker', worker],
      ...(stateFile === undefined ? [] : ['--state', stateFile]),
    ],
    env: plainEnvironment(),
    logFile: join(logDirectory, 'leia.log'),
    readOutput: true,
  });
  const { url, api_key, admin_api_key, pid } = announcement.parse(JSON.parse(await leia.firstLine()));
  return { url, apiKey: api_key, adminApiKey: admin_api_key, pid, process: leia };
};
