// What is posted to callers, and to whom nothing is: counted by a canary that listens on this machine.
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type CallbackPost, callers, type Resolve } from '../../functions/adapters/callers.ts';
import { allowListOf } from '../../functions/jobs/callback-address.ts';
import { startCaller, withStatus } from '../support/caller.ts';
import { hostileHosts, hostileUrls } from '../support/hostile-targets.ts';

const post = (url: string, given: Partial<CallbackPost> = {}): CallbackPost => ({
  url,
  headers: {},
  body: '{}',
  ...given,
});

const resolving =
  (hosts: Record<string, string[]>): Resolve =>
  async (host) =>
    (hosts[host] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const local = allowListOf(['127.0.0.1']);
const toLocal = (timeoutSeconds = 2) => callers({ timeoutSeconds, allowed: local });

describe('a caller', () => {
  it('gets a POST with the body and headers as they are given', async () => {
    await using caller = await startCaller();
    const body = '{"id":"é","result":1.0}';
    const headers = { 'X-Order': '7', 'content-type': 'application/json' };
    const answer = await toLocal().post(post(`${caller.url}/told?order=7#part`, { headers, body }));
    expect(answer).toEqual({ outcome: 'acknowledged', answer: 'HTTP 200' });
    expect(caller.told).toEqual([
      {
        method: 'POST',
        path: '/told?order=7',
        headers: {
          'x-order': '7',
          'content-type': 'application/json',
          'content-length': String(Buffer.byteLength(body)),
          host: `127.0.0.1:${caller.port}`,
          connection: 'close',
        },
        body,
      },
    ]);
  });

  it.each([
    [200, 'acknowledged'],
    [204, 'acknowledged'],
    [201, 'failed'],
    [202, 'failed'],
    [206, 'failed'],
    [304, 'failed'],
    [400, 'failed'],
    [410, 'failed'],
    [429, 'failed'],
    [500, 'failed'],
    [503, 'failed'],
  ])('that answers %i has it %s', async (status, outcome) => {
    await using caller = await startCaller(withStatus(status));
    expect(await toLocal().post(post(caller.url))).toEqual({ outcome, answer: `HTTP ${status}` });
  });

  it.each([301, 302, 303, 307, 308])('that redirects by %i is not followed', async (status) => {
    await using canary = await startCaller();
    for (const location of [canary.url, 'http://169.254.169.254/latest/meta-data/', 'file:///etc/passwd']) {
      await using caller = await startCaller((response) => response.writeHead(status, { location }).end());
      expect(await toLocal().post(post(caller.url))).toEqual({ outcome: 'failed', answer: `HTTP ${status}` });
    }
    expect(canary.connections()).toBe(0);
  });

  it('that says nothing has its time, and no more', async () => {
    await using caller = await startCaller(() => {});
    const from = Date.now();
    expect(await toLocal(0.3).post(post(caller.url))).toEqual({ outcome: 'failed', answer: 'timeout' });
    expect(Date.now() - from).toBeLessThan(2000);
  });

  it('whose answer never ends has acknowledged by its status; nobody reads on', async () => {
    let sent = 0;
    await using caller = await startCaller((response) => {
      response.writeHead(200);
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(16_384))) sent += 16_384;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    expect(await toLocal().post(post(caller.url))).toEqual({ outcome: 'acknowledged', answer: 'HTTP 200' });
    // What kernels buffer on the way, and not the gigabytes of two seconds.
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });

  it('whose answer trickles is not waited for beyond its time', async () => {
    await using caller = await startCaller((response) => {
      response.writeHead(204 + 46);
      const timer = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(timer));
    });
    expect(await toLocal(0.3).post(post(caller.url))).toEqual({ outcome: 'failed', answer: 'HTTP 250' });
  });

  it('that hangs up, is not there, or has no address, is said to', async () => {
    await using caller = await startCaller((response) => response.socket?.destroy());
    expect(await toLocal().post(post(caller.url))).toEqual({ outcome: 'failed', answer: 'ECONNRESET' });
    const { url } = caller;
    await caller[Symbol.asyncDispose]();
    expect(await toLocal().post(post(url))).toEqual({ outcome: 'failed', answer: 'ECONNREFUSED' });
    const nowhere = callers({ timeoutSeconds: 1, allowed: local, resolve: resolving({}) });
    expect(await nowhere.post(post('http://nowhere.example/'))).toEqual({ outcome: 'failed', answer: 'ENOTFOUND' });
  });

  it('that speaks no HTTP is no trouble', async () => {
    const server = createServer((socket) => socket.end('SSH-2.0-OpenSSH_9.0\r\n')).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await toLocal().post(post(`http://127.0.0.1:${port}/`))).toMatchObject({ outcome: 'failed' });
    server.close();
  });

  it('with a certificate that nobody vouches for is not told', async () => {
    await using caller = await startCaller();
    const answer = await toLocal().post(post(caller.url.replace('http:', 'https:')));
    expect(answer.outcome).toBe('failed');
    expect(caller.told).toEqual([]);
  });
});

describe('a hostile target', () => {
  let port = 0;
  let connections = 0;
  const canaries: Server[] = [];

  beforeAll(async () => {
    // Both families, so that `localhost` and `::1` would be heard as well.
    for (const host of ['0.0.0.0', '::1']) {
      const canary = createServer((socket) => {
        connections += 1;
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
      canary.listen(port, host);
      await once(canary, 'listening');
      port = (canary.address() as { port: number }).port;
      canaries.push(canary);
    }
  });
  beforeEach(() => {
    connections = 0;
  });
  afterAll(() => {
    for (const canary of canaries) canary.close();
  });

  const guarded = (resolve?: Resolve) =>
    callers({ timeoutSeconds: 1, allowed: allowListOf([]), ...(resolve ? { resolve } : {}) });

  it('that shows itself is refused, without a look at its name or a connection', async () => {
    const resolve = vi.fn(resolving({}));
    const targets = hostileUrls(port);
    for (const url of targets) {
      const { outcome } = await guarded(resolve).post(post(url));
      expect([url, outcome]).toEqual([url, 'refused']);
    }
    expect(targets.length).toBeGreaterThan(60);
    expect(resolve).not.toHaveBeenCalled();
    expect(connections).toBe(0);
  });

  it('that its name hides is refused by its address, without a connection', async () => {
    for (const host of Object.keys(hostileHosts)) {
      for (const scheme of ['http', 'https']) {
        const url = `${scheme}://${host}:${port}/`;
        const answer = await guarded(resolving(hostileHosts)).post(post(url));
        expect([url, answer]).toEqual([
          url,
          { outcome: 'refused', answer: 'the host has an address that is not public' },
        ]);
      }
    }
    expect(connections).toBe(0);
  });

  it('would be heard by the canary: the same targets with all of this machine allowed are', async () => {
    const open = callers({
      timeoutSeconds: 1,
      allowed: allowListOf(['127.0.0.0/8', '::1', 'localhost']),
      resolve: resolving({ 'loopback.example': ['127.0.0.1'], localhost: ['127.0.0.1'] }),
    });
    const forms = ['127.0.0.1', '2130706433', '0177.0.0.1', '①②⑦.⓪.⓪.①', '[::1]', 'localhost', 'loopback.example'];
    for (const form of forms) {
      const answer = await open.post(post(`http://${form}:${port}/`));
      expect([form, answer]).toEqual([form, { outcome: 'acknowledged', answer: 'HTTP 200' }]);
    }
    expect(connections).toBe(forms.length);
  });

  it('cannot be put in place between the look and the connection: one look-up gives what is connected to', async () => {
    await using caller = await startCaller(withStatus(200), '127.0.0.2');
    const answers = ['127.0.0.2', '127.0.0.1', '127.0.0.1', '127.0.0.1'];
    const rebinding = vi.fn<Resolve>(async () => [{ address: answers.shift() ?? '127.0.0.1', family: 4 }]);
    const guard = callers({ timeoutSeconds: 1, allowed: allowListOf(['127.0.0.2']), resolve: rebinding });
    const url = `http://rebinding.example:${caller.port}/`;
    expect(await guard.post(post(url))).toEqual({ outcome: 'acknowledged', answer: 'HTTP 200' });
    expect(rebinding).toHaveBeenCalledTimes(1);
    expect(caller.told).toHaveLength(1);
    // The next try looks again, and sees it.
    expect(await guard.post(post(`http://rebinding.example:${port}/`))).toMatchObject({ outcome: 'refused' });
    expect(connections).toBe(0);
  });
});
