// What a person decides about jobs that LEIA does not know, where the sweep does not dare to (D7; the runbook says when).
import { believed, haltEnded, isHalted } from '../jobs/absence.ts';
import type { Deps } from './deps.ts';

type AbsenceDeps = Pick<Deps, 'access' | 'now'>;

/** LEIA is right again, by word of a person. False when nothing was halted. */
export const endHalt = async ({ access }: Pick<Deps, 'access'>, submitter: string): Promise<boolean> => {
  let halted = false;
  await access.changeAbsence(submitter, (absence) => {
    halted = isHalted(absence);
    return haltEnded(absence);
  });
  return halted;
};

/** LEIA has lost jobs, by word of a person: for so long, all that it does not know FAIL, each after its second 404. */
export const believeAbsence = async (
  { access, now }: AbsenceDeps,
  submitter: string,
  seconds: number,
): Promise<void> => {
  await access.changeAbsence(submitter, () => believed(now(), seconds));
};
