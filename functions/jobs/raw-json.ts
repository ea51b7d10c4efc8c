// Values cut out of, and put into, JSON text without reading them, so that `1.0`, `1e400` and twenty digits come out as
// they went in (contract §0.10): parsing and printing again would change them. The texts must be valid JSON; whoever
// calls has parsed them for everything else. No recursion, so no depth of nesting hurts.

/** Text of the value of `key` in a JSON object – the last one, as JSON.parse has it; undefined where there is none. */
export const rawMember = (text: string, key: string): string | undefined => {
  let found: Span | undefined;
  for (const span of spans(text)) if (span.key === key) found = span;
  return found && text.slice(found.start, found.end);
};

/** Keys of a JSON object and the texts of their values, as written: JSON.parse puts keys that look like numbers first. */
export const rawMembers = (text: string): { key: string; value: string }[] =>
  [...spans(text)].flatMap(({ key, start, end }) => (key === undefined ? [] : { key, value: text.slice(start, end) }));

/** Texts of the elements of a JSON array. */
export const rawElements = (text: string): string[] => [...spans(text)].map(({ start, end }) => text.slice(start, end));

/** JSON text of a job with its result, given as JSON text, spliced in; `null` where there is none. */
export const jobText = (job: Readonly<Record<string, unknown>>, result: string | null): string => {
  const { result: _none, ...keys } = job;
  const head = JSON.stringify(keys).slice(0, -1);
  return `${head}${head === '{' ? '' : ','}"result":${result ?? 'null'}}`;
};

type Span = { key?: string; start: number; end: number };

/** Where the values of the outermost array or object lie; nothing for any other value. */
function* spans(text: string): Generator<Span> {
  let at = skipBlanks(text, 0);
  const inObject = text[at] === '{';
  if (!inObject && text[at] !== '[') return;
  for (at = skipBlanks(text, at + 1); at < text.length && !isClosing(text[at]); at = afterComma(text, at)) {
    const keyEnd = inObject ? stringEnd(text, at) : at;
    const start = inObject ? skipBlanks(text, skipBlanks(text, keyEnd) + 1) : at;
    const end = valueEnd(text, start);
    yield inObject ? { key: String(JSON.parse(text.slice(at, keyEnd))), start, end } : { start, end };
    at = end;
  }
}

const afterComma = (text: string, at: number): number => {
  const next = skipBlanks(text, at);
  return text[next] === ',' ? skipBlanks(text, next + 1) : next;
};

const valueEnd = (text: string, start: number): number => {
  if (text[start] === '"') return stringEnd(text, start);
  if (text[start] === '{' || text[start] === '[') return bracketEnd(text, start);
  let at = start;
  while (at < text.length && text[at] !== ',' && !isClosing(text[at]) && !isBlank(text[at])) at += 1;
  return at;
};

const bracketEnd = (text: string, start: number): number => {
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') at = stringEnd(text, at) - 1;
    else if (character === '{' || character === '[') depth += 1;
    else if (isClosing(character)) depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
};

/** The first quotation mark that an even number of backslashes precedes. */
const stringEnd = (text: string, start: number): number => {
  for (let quote = text.indexOf('"', start + 1); quote >= 0; quote = text.indexOf('"', quote + 1)) {
    let before = quote;
    while (text[before - 1] === '\\') before -= 1;
    if ((quote - before) % 2 === 0) return quote + 1;
  }
  return text.length;
};

const skipBlanks = (text: string, start: number): number => {
  let at = start;
  while (isBlank(text[at])) at += 1;
  return at;
};

const isClosing = (character: string | undefined): boolean => character === '}' || character === ']';
const isBlank = (character: string | undefined): boolean =>
  character === ' ' || character === '\n' || character === '\r' || character === '\t';
