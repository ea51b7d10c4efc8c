// SHA-256 for the SDK's signatures (its setting `sha256`). The SDK's own hands Node the day's signing key as bytes, once
// a request; Node 24 then asks whether they are a KeyObject by an exception that it throws and catches, which costs six
// times the HMAC. It does not ask that of a string.
import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';

type Data = string | ArrayBuffer | ArrayBufferView;

/** A hash; with a secret, an HMAC. As the SDK's, but that there is one digest before a `reset`. */
export class Sha256 {
  readonly #secret: Data | undefined;
  #state: Hash | Hmac;

  constructor(secret?: Data) {
    this.#secret = secret;
    this.#state = begin(secret);
  }

  update(data: Data, encoding: 'utf8' | 'ascii' | 'latin1' = 'utf8'): void {
    if (typeof data === 'string') this.#state.update(data, encoding);
    else this.#state.update(bytesOf(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#state.digest();
  }

  reset(): void {
    this.#state = begin(this.#secret);
  }
}

const begin = (secret: Data | undefined): Hash | Hmac => {
  if (secret === undefined) return createHash('sha256');
  if (typeof secret === 'string') return createHmac('sha256', secret);
  return createHmac('sha256', bytesOf(secret).toString('latin1'), { encoding: 'latin1' });
};

const bytesOf = (data: ArrayBuffer | ArrayBufferView): Buffer =>
  ArrayBuffer.isView(data) ? Buffer.from(data.buffer, data.byteOffset, data.byteLength) : Buffer.from(data);
