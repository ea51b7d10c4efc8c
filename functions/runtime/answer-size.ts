// How much goes into one answer.

/** As Lambda sends them: its answers end at 6 MB, and are JSON texts that hold this JSON text. */
export const MAX_ANSWER_BYTES = 5_000_000;

/** Bytes of a JSON text within Lambda's answer, where a quotation mark is two. */
export const bytesInAnswer = (text: string): number => Buffer.byteLength(JSON.stringify(text));

export const fitsAnswer = (text: string): boolean =>
  text.length <= MAX_ANSWER_BYTES && bytesInAnswer(text) <= MAX_ANSWER_BYTES;
