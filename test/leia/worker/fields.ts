/** What the extractor finds in a text; null for what it does not find. */
export type Fields = { number: string | null; date: string | null; total: number | null; currency: string | null };

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const number =
  /\b(?:invoice|order|purchase order|reference|document)\s*(?:number|no\.?|n°|nr\.?|#)\s*[:#]?\s*([A-Z0-9][A-Z0-9/-]*\d)/i;
const isoDate = /\b(\d{4})-(\d\d)-(\d\d)\b/;
const dayFirst = /\b(\d{1,2})[/.](\d{1,2})[/.](\d{4})\b/;
const spelled =
  /\b(\d{1,2})(?:st|nd|rd|th)?\s+(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s+(\d{4})\b/i;
const amount = String.raw`(EUR|USD|GBP|CHF|[€$£])?\s*(\d[\d ,.']*\d|\d)\s*(EUR|USD|GBP|CHF|[€$£])?`;
const totals = [
  new RegExp(
    String.raw`\b(?:total due|amount due|grand total|total payable|total to pay)\b[^\d€$£\n]{0,20}?${amount}`,
    'i',
  ),
  new RegExp(String.raw`(?<!sub)(?<!sub[ -])\btotal\b[^\d€$£\n]{0,20}?${amount}`, 'i'),
];
const symbols: Record<string, string> = { '€': 'EUR', $: 'USD', '£': 'GBP' };

const calendar = (year: string, month: number, day: string): string =>
  `${year}-${String(month).padStart(2, '0')}-${day.padStart(2, '0')}`;

const findDate = (text: string): string | null => {
  const [, year, month, day] = isoDate.exec(text) ?? [];
  if (year && month && day) return calendar(year, Number(month), day);
  const [, spelledDay, name, spelledYear] = spelled.exec(text) ?? [];
  if (spelledDay && name && spelledYear)
    return calendar(spelledYear, months.indexOf(name.toLowerCase()) + 1, spelledDay);
  const [, first, second, last] = dayFirst.exec(text) ?? [];
  return first && second && last ? calendar(last, Number(second), first) : null;
};

/** `1,234.50`, `1.234,50`, `1 234.50`: the last separator before two digits is the decimal one. */
const parseAmount = (text: string): number => {
  const [, whole = text, cents = '0'] = /^(.*)[.,](\d{2})$/.exec(text) ?? [];
  return Number(`${whole.replace(/\D/g, '')}.${cents}`);
};

/** Finds number, date, total and currency of an invoice or order by patterns. */
export const extractFields = (text: string): Fields => {
  const [, before, total, after] = totals.map((pattern) => pattern.exec(text)).find((match) => match !== null) ?? [];
  const currency = before ?? after;
  return {
    number: number.exec(text)?.[1] ?? null,
    date: findDate(text),
    total: total === undefined ? null : parseAmount(total),
    currency: currency === undefined ? null : (symbols[currency] ?? currency.toUpperCase()),
  };
};
