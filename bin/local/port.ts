import getPort from 'get-port';
import { LocalRunError } from './processes.ts';

/** A free port on the loopback interface; with `wanted`, that one or a LocalRunError. */
export const choosePort = async (wanted?: number): Promise<number> => {
  const port = await getPort({ host: '127.0.0.1', ...(wanted !== undefined && { port: wanted }) });
  if (wanted !== undefined && port !== wanted) {
    throw new LocalRunError(`Port ${wanted} is in use: stop what listens there, or choose another with PORT=….`);
  }
  return port;
};
