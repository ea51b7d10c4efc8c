// How long the chains' state machine waits for a step, changed in its definition's text.

/** The definition with another `TimeoutSeconds` of the states of these names. @throws Error for a name that it has not */
export const withStepSeconds = (definition: string, seconds: Record<string, number>): string => {
  const left = new Set(Object.keys(seconds));
  const changed: unknown = JSON.parse(definition, (name, value) => {
    const own = Object.hasOwn(seconds, name) ? seconds[name] : undefined;
    if (own !== undefined) left.delete(name);
    return own === undefined ? value : { ...value, TimeoutSeconds: own };
  });
  if (left.size > 0) throw new Error(`there is no state ${[...left]}`);
  return JSON.stringify(changed);
};
