// Schemathesis, a property-based fuzzer, makes requests of docs/openapi.json – examples, edge cases, nonsense, and chains
// of requests along the links – and holds the answers of the bundle against the same document.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { startStage } from '../conformance/stage.ts';

/** bin/setup.mjs installs it. */
const schemathesis = fileURLToPath(new URL('../../.local/venv/bin/schemathesis', import.meta.url));
const document = fileURLToPath(new URL('../../docs/openapi.json', import.meta.url));

const SECONDS = 40;

/**
 * Not among them: that whatever breaks the document is refused – the readers take a little more, as LEIA's SDKs want it;
 * test/openapi tells how much – and that `Allow` names the methods of one path alone, where two paths match.
 */
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'unsupported_method',
  'ignored_auth',
];

it('no request gets a 5xx, or an answer that the description does not have', async () => {
  const stage = await startStage();
  onTestFinished(stage.close);
  const { bundle, client, close } = await stage.scene('own');
  onTestFinished(close);
  const { status, output, report } = await run([
    'run',
    document,
    `--origin=${new URL(bundle.baseUrl).origin}`,
    `--header=token: ${client.token}`,
    // It would end the token of all others.
    '--exclude-operation-id=logout_application',
    `--checks=${checks.join(',')}`,
    `--max-time=${SECONDS}`,
    '--continue-on-failure',
    '--suppress-health-check=all',
    '--warnings=off',
    `--report-ndjson-path=${reportFile}`,
  ]);
  console.log(summaryOf(output));
  expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  expect(Number(/(\d+) generated/.exec(output)?.[1])).toBeGreaterThan(500);
  expect(unanswered(report)).toEqual([]);
});

const reportFile = 'report.ndjson';

const run = async (args: string[]): Promise<{ status: number; output: string; report: string }> => {
  // It keeps what it found in the folder that it runs in.
  const cwd = await mkdtemp(join(tmpdir(), 'leia-jobs-fuzz-'));
  onTestFinished(() => rm(cwd, { recursive: true, force: true }));
  const child = spawn(schemathesis, args, { cwd, env: { ...process.env, NO_COLOR: '1', COLUMNS: '120' } });
  onTestFinished(() => void child.kill());
  const lines: Buffer[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => lines.push(chunk));
  const [status] = await once(child, 'close');
  const output = Buffer.concat(lines).toString().split('\n');
  const report = await readFile(join(cwd, reportFile), 'utf8');
  return { status: Number(status), output: output.map((line) => line.slice(0, 800)).join('\n'), report };
};

const Case = z.object({ value: z.object({ method: z.string(), path: z.string() }) });
/** Whatever is empty is left out of the report. */
const Event = z.object({
  ScenarioFinished: z
    .object({
      recorder: z.object({
        cases: z.record(z.string(), Case).default({}),
        interactions: z
          .record(z.string(), z.object({ response: z.object({ status_code: z.int() }).nullish() }))
          .default({}),
      }),
    })
    .optional(),
});

/**
 * Requests that were made and got no answer: of each, the report has the request without a response. The fuzzer counts
 * them as `errored`, and with them the cases that it had in hand when its time was up, which it never sent: few.
 */
const unanswered = (report: string): string[] => {
  const scenarios = report
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => Event.parse(JSON.parse(line)).ScenarioFinished ?? []);
  expect(scenarios.length).toBeGreaterThan(100);
  const cases = scenarios.flatMap(({ recorder: { cases, interactions } }) =>
    Object.entries(cases).map(([id, { value }]) => ({ name: `${value.method} ${value.path}`, sent: interactions[id] })),
  );
  expect(cases.filter(({ sent }) => sent === undefined).length).toBeLessThan(10);
  return cases.filter(({ sent }) => sent !== undefined && !sent.response).map(({ name }) => name);
};

/** From the phases on; it ends with the seed that finds the same again. */
const summaryOf = (output: string): string => output.slice(Math.max(0, output.lastIndexOf('API Operations:')));
