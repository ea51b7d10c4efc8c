/** LEIA's own clock. All its times come from here; a test can hold it and step it. Milliseconds since 1970. */
export type Clock = {
  now(): number;
  held(): boolean;
  hold(): void;
  /** Moves it forward, held or not. */
  step(ms: number): void;
  /** It runs again; it never goes back, and returns to real time when that is later. */
  release(): void;
};

export const leiaClock = (real: () => number): Clock => {
  let ahead = 0;
  let heldAt: number | undefined;
  return {
    now: () => heldAt ?? real() + ahead,
    held: () => heldAt !== undefined,
    hold() {
      heldAt ??= real() + ahead;
    },
    step(ms) {
      if (heldAt === undefined) ahead += ms;
      else heldAt += ms;
    },
    release() {
      if (heldAt === undefined) return;
      ahead = Math.max(0, heldAt - real());
      heldAt = undefined;
    },
  };
};
