// LEIA shows an application's API key wherever it shows the application; we never do (D9).

/** JSON that shows an Application, alone, in a list or as `application`, comes without its `api_key`; all else as it is. */
export const withoutApiKeys = (body: Uint8Array): Uint8Array => {
  const value = jsonOf(body);
  return holdsKey(value) ? Buffer.from(JSON.stringify(stripped(value))) : body;
};

const jsonOf = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    return undefined; // not JSON: nothing that could be an Application
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const holdsKey = (value: unknown): boolean =>
  Array.isArray(value) ? value.some(holdsKey) : isRecord(value) && ('api_key' in value || holdsKey(value.application));

const stripped = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(stripped);
  if (!isRecord(value)) return value;
  const { api_key: _secret, ...rest } = value;
  return 'application' in rest ? { ...rest, application: stripped(rest.application) } : rest;
};
