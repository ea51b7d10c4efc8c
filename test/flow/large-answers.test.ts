// Jobs too large for an answer, on the emulated AWS: where S3 gives them, and how the SDKs' own HTTP clients get there.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { root } from '../../bin/local/processes.ts';
import { newId } from '../support/new-id.ts';
import { largeAnswerJourneys } from './journeys/large-answers.ts';
import { emulatedGround } from './support/emulated-ground.ts';
import { atLeia, logIn, sweepUntil } from './support/ground.ts';

const ground = emulatedGround();
const { leia } = ground;

afterEach(() => leia.reset());

largeAnswerJourneys(() => ground);

/** As LEIA's Python SDK asks: by urllib3, which follows a 303 on its own, the headers of the first request along. */
const askByUrllib3 = `
import hashlib, sys, urllib3
method, url, token, key = sys.argv[1:]
headers = {"Accept": "application/json", "Content-Type": "application/json", "token": token, "Idempotency-Key": key}
reply = urllib3.PoolManager().request(method, url, headers=headers, body=None if method == "GET" else "{}")
print(reply.status, len(reply.data), hashlib.sha256(reply.data).hexdigest(), reply.headers["content-type"])
`;
const python = join(root, '.local', 'venv', 'bin', 'python');
const run = promisify(execFile);
const hasUrllib3 = await run(python, ['-c', 'import urllib3']).then(
  () => true,
  () => false,
);

describe.skipIf(!hasUrllib3)('Python’s urllib3', () => {
  it('follows to the whole job, of a GET and of a repeated submission', async () => {
    await leia.holdJobs(true);
    const client = await logIn(ground.baseUrl, ground.apiKey);
    const key = newId();
    const path = `/document/${await client.upload()}/transform/text`;
    const id = String((await client.post(path, {}, { 'idempotency-key': key })).json.id);
    const leiaId = (await atLeia(ground, id))[0]?.id ?? '';
    const resultText = JSON.stringify('x'.repeat(6_000_000));
    await leia.forceJob(leiaId, { status: 'PROCESSED', result_type: 'object', resultText });
    await sweepUntil(ground, 'the end', async () => (await client.get(`/job/${id}/status`)).json[id] === 'PROCESSED');
    await leia.forgetJob(leiaId);
    const fetched = await fetch(`${ground.baseUrl}/job/${id}`, { headers: { token: client.token } });
    const text = await fetched.text();
    const seen = `200 ${text.length} ${createHash('sha256').update(text).digest('hex')} application/json\n`;
    const ask = async (method: string, url: string) =>
      (await run(python, ['-c', askByUrllib3, method, ground.baseUrl + url, client.token, key])).stdout;
    expect(text.endsWith(`"result":${resultText}}`)).toBe(true);
    expect(await ask('GET', `/job/${id}`)).toBe(seen);
    expect(await ask('POST', path)).toBe(seen);
  });
});
