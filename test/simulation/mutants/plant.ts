// Plants a mistake: the files of this repository are loaded a second time, one of them with a few words changed. Nothing
// in them knows of it. A mistake whose words are not there any more is an error: it has to be planted anew.
import { registerHooks } from 'node:module';
import type { run } from '../run.ts';
import { escapes } from './escapes.ts';
import { mutants } from './mutants.ts';

type Simulation = { run: typeof run };

const planted = { ...mutants, ...escapes };
const root = new URL('../../../', import.meta.url).href;
const isOurs = (url: string): boolean => url.startsWith(root) && !url.includes('/node_modules/');
const mutantOf = (url: string | undefined): string | null =>
  url === undefined ? null : new URL(url).searchParams.get('mutant');

registerHooks({
  resolve: (specifier, context, next) => {
    const resolved = next(specifier, context);
    const mutant = mutantOf(context.parentURL);
    if (mutant === null || !isOurs(resolved.url) || mutantOf(resolved.url) !== null) return resolved;
    return { ...resolved, url: `${resolved.url}?mutant=${encodeURIComponent(mutant)}` };
  },
  load: (url, context, next) => {
    const loaded = next(url, context);
    const mutant = mutantOf(url);
    const change = mutant === null ? undefined : planted[mutant];
    if (!change || !url.startsWith(`${root}${change.file}?`)) return loaded;
    return { ...loaded, source: changed(String(loaded.source), change) };
  },
});

const changed = (source: string, { file, from, to }: { file: string; from: string; to: string }): string => {
  const [before, after, ...more] = source.split(from);
  if (before === undefined || after === undefined || more.length > 0) throw new Error(`${file} has not once: ${from}`);
  return before + to + after;
};

const loaded = new Map<string | undefined, Promise<Simulation>>();

/** The simulation of the bundle as it is, or with a mistake. */
export const bundleWith = (mutant: string | undefined): Promise<Simulation> => {
  const known = loaded.get(mutant);
  if (known !== undefined) return known;
  const url = new URL('../run.ts', import.meta.url).href;
  const simulation: Promise<Simulation> = import(
    mutant === undefined ? url : `${url}?mutant=${encodeURIComponent(mutant)}`
  );
  loaded.set(mutant, simulation);
  return simulation;
};
