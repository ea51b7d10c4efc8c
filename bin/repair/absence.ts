// `leia-jobs absence`: whether jobs of an application FAIL when LEIA does not know them, and a person's word on it.
import { Absence } from '../../functions/jobs/absence.ts';
import type { RepairTask } from '../../functions/jobs/repair.ts';
import type { Site } from './site.ts';

export type Verdict = Extract<RepairTask, { action: 'judge-absence' }>['verdict'];
export type Judging = { submitter: string; verdict: Verdict; seconds?: number };

/** The state after the verdict. @throws Failure */
export const judgeAbsence = async ({ functions }: Site, judging: Judging): Promise<Absence> => {
  const task = { action: 'judge-absence', ...judging };
  return Absence.parse(await functions.call('repair', task));
};

const at = (epochMillis: number): string => new Date(epochMillis).toISOString();

export const showAbsence = ({ halted_at, unknown_at, believed_until }: Absence, now: number): string => {
  if (halted_at !== undefined) {
    const last = unknown_at === undefined ? '' : `; a sweep last met an unknown job at ${at(unknown_at)}`;
    return `Halted since ${at(halted_at)}: no job FAILS because LEIA does not know it${last}.`;
  }
  if (believed_until !== undefined && believed_until > now)
    return `Until ${at(believed_until)} each job that LEIA does not know FAILS after two looks, however many they are.`;
  return 'A job that LEIA does not know FAILS after two looks; many at once halt that.';
};
