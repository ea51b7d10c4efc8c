// Jobs, requests and sightings for tests: each as plain as may be, with what matters given.
import { instant, type JobRecord, type Source, type Status } from '../../functions/jobs/job.ts';
import type { Observation } from '../../functions/jobs/observation.ts';
import type { JobRequest } from '../../functions/jobs/request.ts';
import type { SendingTimes } from '../../functions/jobs/sending.ts';

/** 2026-01-01T00:00:00.000Z: tests count from here. */
export const T0 = Date.parse('2026-01-01T00:00:00.000Z');
export const seconds = (count: number): number => count * 1000;

export const APPLICATION = '5dceca1246eac2df484031de';
export const DOCUMENT = '507f191e810c19729de860ea';
export const MODEL = '5d52858cb4608e10db98ea1f';

/** A 24-digit id out of a small number. */
export const id = (number: number): string => number.toString(16).padStart(24, '0');

export const times: SendingTimes = {
  claimSeconds: 30,
  retryFirstSeconds: 10,
  retryMaxSeconds: 600,
  giveUpSeconds: 86_400,
};

export const aJob = (given: Partial<JobRecord> = {}): JobRecord => ({
  id: id(1),
  application_id: APPLICATION,
  submitter_id: APPLICATION,
  creation_time: instant(T0),
  document_ids: [DOCUMENT],
  job_type: 'image-text',
  status: 'READY',
  callback_url: null,
  execute_after_id: null,
  starting_time: null,
  finished_time: null,
  model_id: null,
  parent_job_id: null,
  page_range: null,
  reason: null,
  http_code: null,
  result_type: null,
  version: 1,
  stage: 'unsent',
  attempt: 0,
  sendable_since: instant(T0),
  observed_at: instant(T0),
  observed_via: 'ours',
  ...given,
});

/** A job that LEIA has, under id 0xaaa unless told otherwise. */
export const aBoundJob = (given: Partial<JobRecord> = {}): JobRecord =>
  aJob({ stage: 'bound', leia_id: id(0xaaa), sent_at: instant(T0), attempt: 1, observed_via: 'submission', ...given });

export const aRequest = (given: Partial<JobRequest> = {}): JobRequest =>
  ({
    kind: 'transform',
    output_type: 'text',
    document_ids: [DOCUMENT],
    block_processing: false,
    ...given,
  }) as JobRequest;

export const TEXT_RESULT =
  '{"id":"507f191e810c19729de860ee","application_id":"5dceca1246eac2df484031de","filename":"a.txt","score":1.0}';

const finishedStatuses: readonly Status[] = ['PROCESSED', 'FAILED', 'CANCELED'];

/** What a full Job of LEIA in this status shows. */
export const aSighting = (
  status: Status,
  given: { leiaId?: string; via?: Source; result?: string } = {},
): Observation => ({
  leiaId: given.leiaId ?? id(0xaaa),
  status,
  via: given.via ?? 'callback',
  details: {
    model_id: null,
    starting_time: null,
    finished_time: finishedStatuses.includes(status) ? instant(T0 + seconds(5)) : null,
    reason: status === 'FAILED' ? 'unreadable' : null,
    http_code: status === 'PROCESSED' ? 200 : status === 'FAILED' ? 400 : null,
    result_type: status === 'PROCESSED' ? 'document' : null,
    result: status === 'PROCESSED' ? (given.result ?? TEXT_RESULT) : null,
  },
});
