// What every command of `npx leia-jobs` does around its own work: it connects, answers as it is asked to, and lets nobody
// but a person agree.
import { Command } from 'commander';
import * as z from 'zod';
import { Failure } from './failure.ts';
import type { PlaceOptions } from './place.ts';
import type { Site } from './site.ts';
import type { Terminal } from './terminal.ts';

export type Around = {
  terminal: Terminal;
  /** The deployment that the options mean. */
  connect: (options: PlaceOptions) => Promise<Site>;
};

const Everywhere = z.object({
  name: z.string(),
  local: z.boolean().optional(),
  aws: z.boolean().optional(),
  json: z.boolean().optional(),
});
/** Options of the commands that act. */
export const Asking = z.object({ yes: z.boolean().optional(), dryRun: z.boolean().optional() });

/** Connects, acts and answers, in the way that --json asks for. */
export const answered =
  <T>(
    { terminal, connect }: Around,
    act: (site: Site, command: Command) => Promise<{ answer: T; text: string; failed?: boolean }>,
  ) =>
  async (...args: unknown[]): Promise<void> => {
    const command = args.at(-1);
    if (!(command instanceof Command)) throw new Error('commander gives the command last');
    const options = Everywhere.parse(command.optsWithGlobals());
    const site = await connect({
      name: options.name,
      ...(options.local ? { local: true } : {}),
      ...(options.aws ? { aws: true } : {}),
    });
    if (!options.json) terminal.note(site.says);
    const { answer, text, failed } = await act(site, command);
    terminal.answer(options.json ? JSON.stringify(answer, null, 2) : text);
    if (failed) throw new Failure('not everything was done');
  };

/** @throws Failure where nobody can be asked */
export const agreed = async (
  terminal: Terminal,
  { yes }: z.infer<typeof Asking>,
  question: string,
): Promise<boolean> => {
  if (yes) return true;
  const answer = terminal.confirm(question);
  if (answer === undefined) throw new Failure('nobody is here to confirm this: say --yes, or --dry-run to only look');
  return answer;
};
