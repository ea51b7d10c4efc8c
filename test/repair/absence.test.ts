// `leia-jobs absence`: what is said of a halt, and how a person ends it either way.
import { expect, it } from 'vitest';
import { APPLICATION, seconds } from '../support/jobs.ts';
import { leiaJobs, memorySite, NOW } from '../support/repair-site.ts';

const halted = async () => {
  const { site, access } = await memorySite();
  await access.changeAbsence(APPLICATION, () => ({ halted_at: NOW - seconds(60), unknown_at: NOW }));
  const say = async (...words: string[]) => (await leiaJobs(site, ['absence', APPLICATION, ...words])).answers.join('');
  return { site, access, say };
};

it('tells of a halt, and changes nothing', async () => {
  const { access, say } = await halted();
  expect(await say()).toMatch(/^Halted since .*no job FAILS/);
  expect(await access.absence(APPLICATION)).toEqual({ halted_at: NOW - seconds(60), unknown_at: NOW });
});

it('ends the halt where LEIA is right again', async () => {
  const { access, say } = await halted();
  expect(await say('--leia-is-right', '--yes')).toContain('many at once halt that');
  expect(await access.absence(APPLICATION)).toEqual({});
});

it('lets jobs FAIL for a time where LEIA has lost them', async () => {
  const { access, say } = await halted();
  expect(await say('--jobs-are-lost', '--hours', '3', '--yes')).toMatch(/^Until .*FAILS after two looks/);
  expect(await access.absence(APPLICATION)).toEqual({ believed_until: NOW + seconds(3 * 3600) });
});

it('does not do both', async () => {
  const { say } = await halted();
  await expect(say('--leia-is-right', '--jobs-are-lost')).rejects.toThrow('cannot be both');
});

it('does nothing without a person who agrees', async () => {
  const { site, access, say } = await halted();
  const { asked, answers } = await leiaJobs(site, ['absence', APPLICATION, '--jobs-are-lost'], false);
  expect(asked).toEqual(['Let every job FAIL that LEIA does not know, however many they are?']);
  expect(answers).toEqual(['Nothing was done.']);
  await expect(say('--leia-is-right')).rejects.toThrow('nobody is here to confirm this');
  expect(await access.absence(APPLICATION)).toMatchObject({ halted_at: NOW - seconds(60) });
});

it('shows in the status', async () => {
  const { site, say } = await halted();
  const status = async () => (await leiaJobs(site, ['status'])).answers.join('');
  expect(await status()).toContain(
    `LEIA does not know many jobs of ${APPLICATION}, since 1 min ago; none of them FAILS`,
  );
  await say('--jobs-are-lost', '--yes');
  expect(await status()).toContain(
    `Jobs of ${APPLICATION} that LEIA does not know FAIL, however many, until 2026-01-01T03`,
  );
});
