// Words of a caller in our sentences: whole if they are short.

/** At most `max` characters; what is longer ends in `…`. */
export const shorten = (text: string, max: number): string =>
  text.length > max ? `${text.slice(0, max - 1).toWellFormed()}…` : text;

/** A name that a caller chose, as it stands in a message: quoted and short. */
export const quoted = (name: string): string => JSON.stringify(shorten(name, 80));
