// What the bench prints: for each thing measured its goal, and whether that is met.
import { table } from '../local/table.ts';

export interface Line {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  /** Undefined where there is no goal. */
  readonly met?: boolean;
}

export interface Section {
  readonly title: string;
  readonly lines: readonly Line[];
  /** What one must know to read the numbers. */
  readonly notes?: readonly string[];
}

/** A thing whose goal is to be at most `goal`; `write` makes both readable. */
export const atMost = (what: string, measured: number, goal: number, write: (value: number) => string): Line => ({
  what,
  goal: `≤ ${write(goal)}`,
  measured: write(measured),
  met: measured <= goal,
});

/** A thing that explains others and has no goal of its own. */
export const beside = (what: string, measured: string): Line => ({ what, goal: '', measured });

export const inMillis = (value: number): string => `${value.toFixed(1)} ms`;

export const sectionText = ({ title, lines, notes = [] }: Section): string =>
  [
    title,
    table(
      ['', 'goal', 'measured', ''],
      lines.map(({ what, goal, measured, met }) => [what, goal, measured, verdict(met)]),
    ),
    ...notes,
  ].join('\n');

/** One line for all of them. */
export const summary = (sections: readonly Section[]): string => {
  const missed = sections.flatMap(({ lines }) => lines.filter(({ met }) => met === false).map(({ what }) => what));
  return missed.length === 0 ? 'All goals are met.' : `Missed: ${missed.join('; ')}.`;
};

const verdict = (met: boolean | undefined): string => (met === undefined ? '' : met ? 'ok' : 'missed');
