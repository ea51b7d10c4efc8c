// Our callback URLs at LEIA (D10): each carries a MAC over its job's id, so that only LEIA can call it.
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Secrets } from './secrets.ts';

export type CallbackKeys = {
  /** `<root>/callbacks/<job id>/<mac>`, with the current secret. Belongs in no answer, event or log. */
  callbackUrl(jobId: string): Promise<string>;
  /** Whether the MAC is this job's, by the current or the previous secret. */
  verify(jobId: string, mac: string): Promise<boolean>;
  /** Whose URL this is, if it is one of ours; its MAC tells, whatever its host and root. */
  jobIdOf(callbackUrl: string): Promise<string | undefined>;
};

export type CallbackKeysOptions = {
  secrets: Pick<Secrets, 'callbackSecrets'>;
  /** Root of the URLs, without `/callbacks`. */
  baseUrl: string;
};

export const callbackKeys = ({ secrets, baseUrl }: CallbackKeysOptions): CallbackKeys => {
  const root = baseUrl.replace(/\/+$/, '');

  const fits = async (jobId: string, mac: string, fresh: boolean): Promise<boolean> => {
    const { current, previous } = await secrets.callbackSecrets({ fresh });
    return isMac(mac, jobId, current) || (previous !== undefined && isMac(mac, jobId, previous));
  };
  /** The secret may have been replaced since it was read, and the URL made with the new one. */
  const verify = async (jobId: string, mac: string): Promise<boolean> =>
    looksLikeMac(mac) && ((await fits(jobId, mac, false)) || (await fits(jobId, mac, true)));

  return {
    verify,
    async callbackUrl(jobId) {
      const { current } = await secrets.callbackSecrets();
      return `${root}/callbacks/${encodeURIComponent(jobId)}/${macOf(jobId, current)}`;
    },
    async jobIdOf(callbackUrl) {
      const [, id, mac] = OURS.exec(callbackUrl) ?? [];
      const jobId = id === undefined ? undefined : decoded(id);
      return jobId !== undefined && mac !== undefined && (await verify(jobId, mac)) ? jobId : undefined;
    },
  };
};

const OURS = /\/callbacks\/([^/?#]+)\/([0-9a-f]+)$/;

const looksLikeMac = (mac: string): boolean => /^[0-9a-f]{64}$/.test(mac);

const macOf = (jobId: string, secret: string): string => createHmac('sha256', secret).update(jobId).digest('hex');

/** In a time that does not tell how much of it was right. */
const isMac = (mac: string, jobId: string, secret: string): boolean =>
  timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(jobId, secret)));

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // a stray `%`: none of ours
  }
};
