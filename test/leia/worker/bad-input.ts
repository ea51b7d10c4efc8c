/** A document that a worker cannot do anything with: the job FAILS with http_code 400 (contract §5). */
export class BadInput extends Error {}

/** Runs a decoder over a document's bytes; whatever it throws is the document's fault. */
export const decoding = async <T>(what: string, decode: () => Promise<T>): Promise<T> => {
  try {
    return await decode();
  } catch (error) {
    throw new BadInput(`${what} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
};
