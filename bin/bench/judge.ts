// From what was measured to what is printed: issue 3, "Numbers".
import type { Findings, Lives, Samples } from './findings.ts';
import { leiaMillis, tableMillis } from './ground.ts';
import { atMost, beside, inMillis, type Line, type Section } from './report.ts';
import { median, quantile } from './statistics.ts';
import { lateness, perTime, type TableRequest } from './table-requests.ts';

const goals = {
  submissionToDirect: 1.15,
  readToDirect: 0.15,
  cpuMillis: 3,
  leiaRequests: 1,
  leiaRequestsWithLosses: 1.02,
  jobWrites: 4,
};

const inTimes = (value: number): string => `${value.toFixed(3)} × direct`;
const inCount = (value: number): string => value.toFixed(3);

export const latencySection = ({ direct, ours, distances }: Findings, requests: readonly TableRequest[]): Section => ({
  title: `Latency and CPU (LEIA ${leiaMillis} ms away, the table ${tableMillis} ms a request)`,
  lines: [
    ratio('submission: wall p50', atExactly(requests, ours.submission), {
      direct: direct.submission,
      goal: goals.submissionToDirect,
    }),
    cpu('submission: CPU', ours.submission),
    beside('submission: table', asked(requests, ours.submission)),
    beside('callback: wall p50', inMillis(median(ours.callback.wall))),
    cpu('callback: CPU', ours.callback),
    beside('callback: table', asked(requests, ours.callback)),
    ratio('read: wall p50', atExactly(requests, ours.read), { direct: direct.read, goal: goals.readToDirect }),
    cpu('read: CPU', ours.read),
    beside('read: table', asked(requests, ours.read)),
  ],
  notes: [
    wallNote('submission', ours.submission, direct.submission),
    wallNote('read', ours.read, direct.read),
    `CPU: a mean of many under way at once, the least of ten such means, all threads, sockets, logs and the SDK included; the same client straight to LEIA takes ${inMillis(direct.submission.cpu)} a submission and ${inMillis(direct.read.cpu)} a read.`,
    distanceNote(distances),
    tableNote([ours.submission, ours.callback, ours.read].flatMap((samples) => during(requests, samples))),
  ],
});

export const lifeSection = ({ lives, livesWithLosses }: Findings, requests: readonly TableRequest[]): Section => {
  const losses = livesWithLosses;
  const within = during(requests, lives);
  const writes = within.reduce((sum, { jobWrites }) => sum + jobWrites, 0) / lives.jobs;
  const shares = sweepShare(losses);
  return {
    title: 'A job’s life, with a small result, polled by its client',
    lines: [
      atMost('LEIA requests a job', leiaRequests(lives), goals.leiaRequests, inCount),
      atMost(
        `LEIA requests a job, ${(100 * losses.lost) / losses.jobs} % of callbacks lost, sweep share aside`,
        leiaRequests(losses) - shares,
        goals.leiaRequestsWithLosses,
        inCount,
      ),
      beside('sweep share of it', inCount(shares)),
      atMost('base-table writes a job', writes, goals.jobWrites, inCount),
      beside('table requests a job', perTime(within, lives.jobs)),
    ],
    notes: [
      `${lives.jobs} jobs with every callback, ${lives.reads} reads by their clients; ${losses.jobs} jobs with ${losses.lost} callbacks lost, found by ${losses.sweeps} sweep(s). Logins, and an application’s first look at LEIA’s list, are not counted.`,
    ],
  };
};

/**
 * As with a table that is no further away than it is meant to be: the emulated one takes longer when the machine has
 * much else to do, and that is taken off again.
 */
const atExactly = (requests: readonly TableRequest[], { wall, began, ...samples }: Samples): Samples => ({
  ...samples,
  began,
  wall: wall.map((millis, index) => {
    const from = began[index] ?? 0;
    return millis - lateness(during(requests, { from, until: from + millis }));
  }),
});

const ratio = (what: string, ours: Samples, { direct, goal }: { direct: Samples; goal: number }): Line =>
  atMost(what, median(ours.wall) / median(direct.wall), goal, inTimes);

const cpu = (what: string, samples: Samples): Line => atMost(what, samples.cpu, goals.cpuMillis, inMillis);

const wallNote = (what: string, ours: Samples, direct: Samples): string =>
  `${what}: p50 ${inMillis(median(ours.wall))}, p95 ${inMillis(quantile(ours.wall, 0.95))}; directly at LEIA p50 ${inMillis(median(direct.wall))}, p95 ${inMillis(quantile(direct.wall, 0.95))}.`;

const distanceNote = ({ table, leia }: Findings['distances']): string =>
  `Hops within this machine are part of the distances: a bare socket waited ${inMillis(table)} for the table and ${inMillis(leia)} for LEIA, at p50.`;

/** A machine that has much else to do does not keep the distance. */
const tableNote = (requests: readonly TableRequest[]): string => {
  const late = requests.map((request) => Math.max(0, request.late));
  return `The table was late by ${inMillis(median(late))} at p50, ${inMillis(quantile(late, 0.95))} at p95; that is taken off the ratios, and not off these times.`;
};

const during = (requests: readonly TableRequest[], { from, until }: { from: number; until: number }): TableRequest[] =>
  requests.filter(({ at }) => at >= from && at <= until);

const asked = (requests: readonly TableRequest[], samples: Samples): string =>
  perTime(during(requests, samples), samples.wall.length);

/** Requests about jobs; a login serves all of them. */
const leiaRequests = ({ leiaRequests: byKind, jobs }: Lives): number =>
  Object.entries(byKind).reduce((sum, [kind, count]) => sum + (kind === 'login' ? 0 : count), 0) / jobs;

/** One request asks about many jobs; discovery reads LEIA's list, whoever started its jobs. */
const sweepShare = ({ leiaRequests: byKind, jobs }: Lives): number =>
  ((byKind.statuses ?? 0) + (byKind['list-jobs'] ?? 0)) / jobs;
