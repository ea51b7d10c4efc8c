// Errors by the names that Retry and Catch know them by.
import type { Json } from './definition.ts';

export class StateError extends Error {
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }

  /** As a Catch finds it under `$states.errorOutput`. */
  get output(): Json {
    return { Error: this.name, Cause: this.message };
  }
}

/** What a Lambda function threw, as Step Functions sees it. */
export const lambdaError = (error: unknown): StateError => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new StateError(name, JSON.stringify({ errorType: name, errorMessage: message }));
};

/** Two errors can be neither retried nor caught by a wildcard. */
const beyondWildcards = new Set(['States.Runtime', 'States.DataLimitExceeded']);

/** Whether `ErrorEquals` means this error. */
export const meant = (errorEquals: readonly string[], { name }: StateError): boolean => {
  if (errorEquals.includes(name)) return true;
  if (beyondWildcards.has(name)) return false;
  return errorEquals.includes('States.ALL') || (errorEquals.includes('States.TaskFailed') && name !== 'States.Timeout');
};
