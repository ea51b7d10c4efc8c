// Secrets of tests, and the search for them wherever they should not be.

/** What a secret looks like in other clothes: in a URL, in JSON, in base64 (as a body of API Gateway's, or a header). */
const formsOf = (secret: string): string[] => {
  const bytes = Buffer.from(secret);
  const forms = [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), bytes.toString('hex')];
  // In base64 a text looks different at each of three offsets; the ends, which its neighbours change, are left out.
  const offsets = [0, 1, 2].map((offset) =>
    Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(4, -4),
  );
  return [...forms, ...offsets.filter((form) => form.length >= 12)];
};

export type Place = { channel: string; text: string };
export type Found = { secret: string; channel: string; around: string };

/** Where which secret lies open. `secrets`: by what they are. */
export const findSecrets = (secrets: ReadonlyMap<string, string>, places: readonly Place[]): Found[] =>
  [...secrets].flatMap(([value, what]) =>
    formsOf(value).flatMap((form) =>
      places.flatMap(({ channel, text }) => {
        const at = text.indexOf(form);
        return at < 0 ? [] : [{ secret: what, channel, around: text.slice(Math.max(0, at - 120), at + 160) }];
      }),
    ),
  );
