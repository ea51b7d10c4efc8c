// Ids in a trace by short names, in the order in which they first appear.

/** Replaces 24 hex digits by J1, J2 …, and tokens and MACs by nothing that would differ. */
export const withAliases = (lines: readonly string[]): string[] => {
  const names = new Map<string, string>();
  const nameOf = (id: string): string => {
    const name = names.get(id) ?? `J${names.size + 1}`;
    names.set(id, name);
    return name;
  };
  return lines.map((line) => line.replaceAll(/\b[0-9a-f]{64}\b/g, '…').replaceAll(/\b[0-9a-f]{24}\b/g, nameOf));
};
