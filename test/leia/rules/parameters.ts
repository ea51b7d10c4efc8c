import * as z from 'zod';
import { badRequest } from './refusal.ts';

/** `Statuses.PROCESSED`, `JobTypes.PDF_IMAGES`: a Python client sends the member's name (contract §0.6). */
export const enumValue = <T extends string>(text: string, allowed: readonly T[]): T | undefined => {
  const member = /\.([^.]+)$/.exec(text)?.[1]?.toLowerCase();
  const isMember = (value: string): boolean => value.toLowerCase().replaceAll('-', '_') === member;
  return allowed.find((value) => value === text || isMember(value));
};

const switchValue = z.union([
  z.boolean(),
  z
    .string()
    .regex(/^(true|false)$/i)
    .transform((text) => text.toLowerCase() === 'true'),
]);

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** Parameters that every submission shares; each may come by query or body (contract §3.3). */
const common = {
  execute_after_id: text,
  callback_url: text,
  callback_headers: z.record(z.string(), z.unknown()).nullish(),
  block_processing: switchValue.nullish().transform((value) => value ?? false),
  page_range: z
    .union([z.string(), z.int().transform(String)])
    .nullish()
    .transform((value) => value ?? null),
};

const formatType = z
  .string()
  .nullish()
  .transform((value, { addIssue }) => {
    if (value == null) return null;
    if (enumValue(value, ['classification'])) return 'classification' as const;
    addIssue('must be "classification"');
    return z.NEVER;
  });

export const applyParameters = z.object({
  ...common,
  tag: text,
  format_type: formatType,
  save_result: switchValue.nullish(),
  priority: z.coerce.number().int().nullish(),
});
export const transformParameters = z.object({ ...common, input_tag: text, output_tag: text });
export const trainParameters = z.object({ ...common, model_name: text, short_name: text });

/** Names that the wire declares beside those above; they are not model_params. */
const trainExtras = ['description', 'ttl', 'allowed_application_ids', 'allow_all_applications', 'tags'];
const declaredExtras = [...trainExtras, 'documents_tag', 'model_module', 'executeAfterId'];

type Body = Record<string, unknown>;

const present = (body: Body, name: string): boolean => body[name] !== undefined && body[name] !== null;

/** Per key the body wins when it is present there; the last of repeated query keys counts (contract §1.5, §3.3). */
export const effective = <S extends z.ZodObject>(schema: S, query: URLSearchParams, body: Body): z.infer<S> => {
  const names = Object.keys(schema.shape);
  const pairs = names.flatMap((name) => {
    if (present(body, name)) return [[name, body[name]]];
    // callback_headers exists in bodies only.
    return query.has(name) && name !== 'callback_headers' ? [[name, query.getAll(name).at(-1)]] : [];
  });
  const parsed = schema.safeParse(Object.fromEntries(pairs));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badRequest(`${issue?.path.join('.')}: ${issue?.message}`);
};

const parsedObject = (value: string | undefined): Body => {
  if (value === undefined) return {};
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(value));
    return parsed.success ? parsed.data : {};
  } catch {
    // Java prints a Map as `{threshold=0.5}` here, Python 1.0.9 its repr: such text is passed over (contract §3.4).
    return {};
  }
};

/**
 * model_params or transform_params from all their channels, later ones winning: undeclared query keys, the textual
 * query object, undeclared body keys, the body's object (contract §3.4).
 */
export const freeParameters = (
  name: 'model_params' | 'transform_params',
  declared: string[],
  query: URLSearchParams,
  body: Body,
): Body => {
  const known = new Set([...declared, ...declaredExtras, name]);
  const undeclared = <T>(entries: Iterable<[string, T]>): [string, T][] =>
    [...entries].filter(([key]) => !known.has(key));
  const own = z.record(z.string(), z.unknown()).nullish().safeParse(body[name]);
  if (!own.success) throw badRequest(`${name}: must be an object`);
  return {
    ...Object.fromEntries(undeclared(query.entries())),
    ...parsedObject(query.getAll(name).at(-1)),
    ...Object.fromEntries(undeclared(Object.entries(body))),
    ...own.data,
  };
};
