// How recent the discovery behind a list is; a client may want a more recent one first (D8).
import pMap from 'p-map';
import { type DiscoverDeps, discover, discoveredAt } from './discover.ts';
import type { View } from './leia-views.ts';

/** A client waits for the list: after this, no further request to LEIA is begun. */
const PATIENCE_MILLIS = 2000;
const AT_ONCE = 8;

/**
 * When the last complete discovery of these views of LEIA began, of several the least recent (epoch milliseconds), if
 * there was any. Looks at LEIA first when the client takes no discovery as old as that (`maxAge` seconds); what LEIA does
 * not tell now, the age tells.
 */
export const recentDiscovery = async (
  deps: DiscoverDeps,
  views: readonly View[],
  maxAge: number | undefined,
): Promise<number | undefined> => {
  const all = await pMap(views, (one) => discoveryOf(deps, one, maxAge), { concurrency: AT_ONCE });
  const known = all.filter((began) => began !== undefined);
  return known.length > 0 && known.length === all.length ? Math.min(...known) : undefined;
};

const discoveryOf = async (deps: DiscoverDeps, view: View, maxAge: number | undefined): Promise<number | undefined> => {
  const marks = await deps.access.watermarks(view.keptAs);
  const last = discoveredAt(marks);
  const now = deps.now();
  const isRecent = last !== undefined && maxAge !== 0 && now - last <= (maxAge ?? Number.POSITIVE_INFINITY) * 1000;
  if (maxAge === undefined || isRecent) return last;
  return (await discover(deps, { view, marks, via: 'read', until: now + PATIENCE_MILLIS })) ? now : last;
};

/** Seconds since an instant, as the header `Age` says them. */
export const ageSince = (instant: number, now: number): string =>
  String(Math.max(0, Math.floor((now - instant) / 1000)));
