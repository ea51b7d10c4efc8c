// Signs what callers are told, as Standard Webhooks has it (https://www.standardwebhooks.com; D11).
import { Webhook } from 'standardwebhooks';

type Signed = { id: string; at: number; body: string };

/**
 * The headers of a webhook, with a signature for each secret: a receiver that knows one of them is content. Without any
 * there is nothing to check it by, and only its id is told.
 * @throws Error for a secret that is not `whsec_` and base64; the message does not quote it.
 */
export const webhookHeaders = (secrets: readonly string[], { id, at, body }: Signed): Record<string, string> => {
  if (secrets.length === 0) return { 'webhook-id': id };
  const time = new Date(at);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at / 1000)),
    'webhook-signature': secrets.map((secret) => webhookOf(secret).sign(id, time, body)).join(' '),
  };
};

const webhookOf = (secret: string): Webhook => {
  if (!/^whsec_[A-Za-z0-9+/]{16,}={0,2}$/.test(secret))
    throw new Error('The webhook_secret of an application is not `whsec_` and at least 16 characters of base64');
  return new Webhook(secret);
};
