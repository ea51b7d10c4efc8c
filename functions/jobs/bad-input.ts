// The one error of parsing: what a caller sent cannot be used. The HTTP edge answers it with 400.

/** `detail` for the caller: the field at fault and what was expected of it; never the value itself. */
export class BadInput extends Error {
  readonly field: string;
  readonly expected: string;
  constructor(field: string, expected: string) {
    super(`${field}: expected ${expected}`);
    this.name = 'BadInput';
    this.field = field;
    this.expected = expected;
  }
}
