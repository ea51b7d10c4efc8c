// What went wrong, in one line for a person.

/** The message says all there is to say. */
export class Failure extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Failure';
  }
}

/** One line for any error: what AWS and the network say is put into words that tell what to do. */
export const sentenceOf = (error: unknown): string => {
  if (error instanceof Failure) return error.message;
  if (!(error instanceof Error)) return String(error);
  const known = wordings.find(([pattern]) => pattern.test(`${error.name} ${codeOf(error)} ${error.message}`));
  const said = error.message === '' ? codeOf(error) || error.name : error.message;
  const line = said.split('\n')[0] ?? '';
  return known ? `${known[1]} (${line})` : line;
};

const wordings: [RegExp, string][] = [
  [
    /CredentialsProviderError|Could not load credentials/,
    'no AWS credentials: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or use --local beside npm start',
  ],
  [/Region is missing/, 'no AWS region: set AWS_REGION'],
  [/ExpiredToken/, 'the AWS credentials have expired'],
  [/AccessDenied|not authorized/, 'AWS refuses that: the credentials lack a right, see Rights in docs/runbook.md'],
  [
    /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ETIMEDOUT/,
    'AWS does not answer: is AWS_ENDPOINT_URL right, and the network up?',
  ],
  [/ECONNRESET|socket hang up/, 'the connection was cut; what was asked for may go on all the same, status tells'],
];

/** Of a connection that failed at several addresses, the first one's. */
const codeOf = (error: Error): string => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && 'code' in first && typeof first.code === 'string' ? first.code : '';
};
