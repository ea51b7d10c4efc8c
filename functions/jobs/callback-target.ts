// Where a caller wants to be told, and with which headers (contract §4.7, D11).
import { BadInput } from './bad-input.ts';
import { type AllowList, refusalOf } from './callback-address.ts';
import { textOf } from './inputs.ts';
import { checkKey, isObject, type Json } from './json-body.ts';
import type { Rule, StoredRequest } from './request.ts';
import { quoted } from './shorten.ts';

export const callbackUrlOf = (field: string, value: string): string => {
  const text = textOf(field, value, 2048);
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text))
    throw new BadInput(field, 'an absolute http or https URL');
  return text;
};

/**
 * Looks at every callback URL of a request for an address that is not to be called. What a host's name leads to shows
 * only when it is called, and is looked at then.
 * @throws BadInput that names the field.
 */
export const checkCallbackUrls = (request: StoredRequest, allowed: AllowList): void => {
  checkUrl('callback_url', request.callback_url, allowed);
  if (request.kind !== 'conditional') return;
  for (const rule of request.rules) checkRule(rule, allowed);
};

const checkRule = ({ id, jobs }: Rule, allowed: AllowList): void => {
  for (const [index, { callback_url }] of jobs.entries()) {
    checkUrl(`rules[${quoted(id)}].jobs[${index}].callback_url`, callback_url, allowed);
  }
};

/** Why a rule would be refused for the callback URL of an entry, for a dry run; undefined when it would not. */
export const refusalOfRule = (rule: Rule, allowed: AllowList): BadInput | undefined => {
  try {
    checkRule(rule, allowed);
  } catch (error) {
    if (error instanceof BadInput) return error;
    throw error;
  }
  return undefined;
};

const checkUrl = (field: string, text: string | undefined, allowed: AllowList): void => {
  if (text === undefined) return;
  const url = URL.parse(text);
  const refusal = url === null ? 'an absolute http or https URL' : refusalOf(url, allowed);
  if (refusal !== undefined) throw new BadInput(field, refusal);
};

const MAX_HEADERS = 50;
const MAX_VALUE = 4096;
/** Ours to say, of one connection only, or (Expect) beyond what an HTTP client can be asked to do. */
const refusedNames = new Set([
  'host',
  'content-length',
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

/** Values may be text, numbers or booleans; all become text. */
export const callbackHeadersOf = (field: string, value: Json): Record<string, string> => {
  if (!isObject(value)) throw new BadInput(field, 'an object of header names and values');
  const headers = Object.entries(value).filter(([, one]) => one !== null);
  if (headers.length > MAX_HEADERS) throw new BadInput(field, `at most ${MAX_HEADERS} headers`);
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  if (names.size < headers.length) throw new BadInput(field, 'each header once, whatever its case');
  return Object.fromEntries(headers.map(([name, one]) => [headerNameOf(field, name), headerValueOf(field, one)]));
};

const headerNameOf = (field: string, name: string): string => {
  checkKey(field, name);
  if (!/^[\w!#$%&'*+.^`|~-]{1,128}$/.test(name)) throw new BadInput(field, 'legal header names of 1 to 128 characters');
  const lower = name.toLowerCase();
  if (refusedNames.has(lower) || lower.startsWith('webhook-')) {
    throw new BadInput(
      `${field}.${name}`,
      'a header other than Host, Content-Length, `webhook-*` and those of a connection',
    );
  }
  return name;
};

const headerValueOf = (field: string, value: Json): string => {
  const text = value !== null && typeof value === 'object' ? undefined : String(value);
  if (text === undefined || text.length > MAX_VALUE || !/^[\t\x20-\x7e\x80-\xff]*$/.test(text)) {
    throw new BadInput(
      field,
      `header values that are text, numbers or booleans of at most ${MAX_VALUE} legal characters`,
    );
  }
  return text;
};
