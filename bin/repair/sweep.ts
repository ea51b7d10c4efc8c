// A sweep, now. It may take a quarter of an hour: what it has done shows meanwhile by its watermarks.
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Watermarks } from '../../functions/adapters/access.ts';
import type { Site } from './site.ts';
import type { Terminal } from './terminal.ts';
import { age, section } from './words.ts';

/** As sweep-jobs answers (functions/acts/sweep.ts). */
const Swept = z.object({ complete: z.boolean(), asked: z.number().optional(), found: z.number().optional() });
const Summary = z.object({
  submitter: z.string(),
  /** Another sweep is at this application. */
  busy: z.literal(true).optional(),
  lanes: z.record(z.string(), Swept).optional(),
});
export type Summary = z.infer<typeof Summary>;

/** @throws Failure when the sweep of an application failed; the others have had their turn */
export const sweepNow = async (site: Site, terminal: Terminal, everyMillis = 2000): Promise<Summary[]> => {
  const done = new AbortController();
  const watching = watch(site, terminal, { everyMillis, until: done.signal });
  try {
    return z.array(Summary).parse(await site.functions.call('sweep', {}));
  } finally {
    done.abort();
    await watching;
    terminal.progress('');
  }
};

type Watching = { everyMillis: number; until: AbortSignal };

const watch = async (site: Site, terminal: Terminal, { everyMillis, until }: Watching): Promise<void> => {
  const began = site.now();
  try {
    const ids = await site.access.applicationIds();
    const before = await marksOf(site, ids);
    for (;;) {
      const moved = movedIn(before, await marksOf(site, ids));
      terminal.progress(`Sweeping, ${age(site.now() - began)}; lanes done: ${moved.join(', ') || 'none yet'}`);
      await sleep(everyMillis, undefined, { signal: until });
    }
  } catch {
    // It ended, or cannot be watched: neither is news.
  }
};

/** One application more or less says how far it is. */
const MOST_WATCHED = 20;

const marksOf = async (site: Site, ids: string[]): Promise<Map<string, Watermarks>> =>
  new Map(
    await Promise.all(ids.slice(0, MOST_WATCHED).map(async (id) => [id, await site.access.watermarks(id)] as const)),
  );

/** Lanes whose watermark has moved, with the number of applications where there are several. */
const movedIn = (before: ReadonlyMap<string, Watermarks>, after: ReadonlyMap<string, Watermarks>): string[] => {
  const moved = [...after].flatMap(([id, marks]) =>
    Object.keys(marks).filter((lane) => lane !== 'discovery' && marks[lane] !== before.get(id)?.[lane]),
  );
  const counts = Map.groupBy(moved, (lane) => lane);
  return [...counts].map(([lane, all]) => (after.size > 1 ? `${lane} (${all.length} of ${after.size})` : lane));
};

export const showSweep = (summaries: Summary[], millis: number): string => {
  const rows = summaries.flatMap(({ submitter, busy, lanes = {} }) =>
    busy
      ? [[submitter, 'another sweep is at it']]
      : Object.entries(lanes).map(([lane, { complete, asked, found }]) => [
          submitter,
          lane,
          complete ? 'to its end' : 'not to its end',
          String(asked ?? ''),
          String(found ?? ''),
        ]),
  );
  const took = `Swept in ${age(millis)}.`;
  return rows.length === 0
    ? `${took} No application has ever logged in.`
    : section(took, ['application', 'lane', '', 'looked at', 'ended'], rows);
};
