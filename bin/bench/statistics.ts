/** The value that a share `q` (0 to 1) of the values does not exceed. */
export const quantile = (values: readonly number[], q: number): number =>
  values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(values.length * q) - 1)] ?? Number.NaN;

export const median = (values: readonly number[]): number => quantile(values, 0.5);
