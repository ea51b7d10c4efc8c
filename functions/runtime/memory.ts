// What a container remembers for a while: values by name.

/** A container in use for days meets many names; the one noted first is forgotten first. */
const most = 1000;

/** Each value is forgotten `seconds` after it was noted. `now`: epoch milliseconds. */
export const memory = <T>(now: () => number, seconds: number) => {
  const entries = new Map<string, { value: T; until: number }>();
  return {
    of: (name: string): T | undefined => {
      const entry = entries.get(name);
      return entry && entry.until > now() ? entry.value : undefined;
    },
    /** Undefined: forgotten. */
    note: (name: string, value: T | undefined): T | undefined => {
      entries.delete(name);
      if (value !== undefined) entries.set(name, { value, until: now() + seconds * 1000 });
      const [oldest] = entries.keys();
      if (oldest !== undefined && entries.size > most) entries.delete(oldest);
      return value;
    },
  };
};
