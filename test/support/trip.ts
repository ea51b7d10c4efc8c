// How adapters in memory stand for those over a network: each request is a trip there and back.

/**
 * Carries out `effect` at the other side, at once and with nobody in between, and brings its answer back. A simulation
 * has trips that take time, are refused, or lose their answer. `what`: for its trace.
 */
export type Trip = <T>(what: string, effect: () => T) => Promise<T>;

/** Lets others run, as a request would. */
export const quickTrip: Trip = async (_what, effect) => {
  await Promise.resolve();
  return effect();
};
