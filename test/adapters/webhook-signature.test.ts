// What receivers check: with the library that they are told to use, and by hand, as the standard has it.
import { createHmac } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { webhookHeaders } from '../../functions/adapters/webhook-signature.ts';

const key = Buffer.from('a key of twenty-four bytes');
const secret = `whsec_${key.toString('base64')}`;
const signed = { id: '5d52858cb4608e10db98ea1f/PROCESSED', at: Date.now(), body: '{"id":"é","result":1.0}' };

describe('the headers of a webhook', () => {
  it('carry a signature that the library takes', () => {
    const headers = webhookHeaders([secret], signed);
    expect(new Webhook(secret).verify(signed.body, headers)).toEqual({ id: 'é', result: 1 });
    for (const changed of [
      { ...headers, 'webhook-id': 'x' },
      { ...headers, 'webhook-timestamp': String(Math.floor(signed.at / 1000) - 1) },
    ])
      expect(() => new Webhook(secret).verify(signed.body, changed)).toThrow();
  });

  it('carry the HMAC over id, seconds and body', () => {
    const seconds = Math.floor(signed.at / 1000);
    const mac = createHmac('sha256', key).update(`${signed.id}.${seconds}.${signed.body}`).digest('base64');
    expect(webhookHeaders([secret], signed)).toEqual({
      'webhook-id': signed.id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${mac}`,
    });
  });

  it('carry one for each secret, so that a receiver may know either', () => {
    const other = `whsec_${Buffer.from('another key of the caller').toString('base64')}`;
    const headers = webhookHeaders([secret, other], signed);
    for (const one of [secret, other]) expect(new Webhook(one).verify(signed.body, headers)).toBeDefined();
  });

  it('carry only the id without a secret', () =>
    expect(webhookHeaders([], signed)).toEqual({ 'webhook-id': signed.id }));

  it.each(['', 'secret', 'whsec_', 'whsec_short', 'whsec_not base64 at all!!', key.toString('base64')])(
    'are not made with "%s", and the error does not quote it',
    (wrong) => {
      const make = () => webhookHeaders([wrong], signed);
      expect(make).toThrow('The webhook_secret of an application is not');
      if (wrong.length > 6) expect(make).not.toThrow(wrong);
    },
  );
});
