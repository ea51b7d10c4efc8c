// How far away a distance is for who is there: requests take time to reach it, and answers to come back, that is not to
// be added to what the distance is meant to be.
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { hopHeader } from './distance.ts';
import { median, quantile } from './statistics.ts';

const rounds = 25;
/** As between the requests of a submission: longer ones make the hop longer, for the processes fall asleep. */
const pauseMillis = 4;

/**
 * Tells the distance at `url` how long the hop to it takes, so that a bare socket of this process waits `millis` for an
 * answer. @returns how long it does wait, at p50
 */
export const withoutHop = async (url: string, millis: number): Promise<number> => {
  // What else the machine does only makes it longer.
  const hop = quantile(await waits(url, 0), 0.25) - millis;
  return median(await waits(url, Math.max(0, hop)));
};

const waits = async (url: string, hop: number): Promise<number[]> => {
  const { hostname, port, pathname } = new URL(url);
  const request = `GET ${pathname} HTTP/1.1\r\nhost: ${hostname}\r\n${hopHeader}: ${hop}\r\n\r\n`;
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  await once(socket, 'connect');
  const all: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await sleep(pauseMillis);
    const start = performance.now();
    socket.write(request);
    await once(socket, 'data');
    all.push(performance.now() - start);
  }
  socket.destroy();
  return all;
};
