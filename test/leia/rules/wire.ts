// TypeScript does not know JSON.rawJSON yet. Without it a number cannot be written as `1.0`.
const rawJson = Reflect.get(JSON, 'rawJSON') as (text: string) => unknown;

const isScore = (key: string, value: unknown): value is number =>
  (key === 'accuracy' || key === 'score') && Number.isInteger(value);

/**
 * A value as LEIA writes it. Classification numbers stay floats, `1.0` and never `1`, because Python clients tell a
 * Classification from a dict by that (contract §0.10).
 */
export const leiaJson = (value: unknown): string =>
  JSON.stringify(value, (key, inner: unknown) => (isScore(key, inner) ? rawJson(inner.toFixed(1)) : inner));
