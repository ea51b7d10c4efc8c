import type { Application, Job, Work } from './model.ts';
import { parsePageRange } from './page-range.ts';
import { badRequest, notFound, notOwner, Refusal } from './refusal.ts';
import { firstStatus } from './transitions.ts';
import type { World } from './world.ts';
import { visibleJob } from './world.ts';

/** A job asked for: by whom, on whose documents, and every effective parameter (contract §3). */
export type Submission = {
  submitter: Application;
  owner: Application;
  work: Work;
  documentIds: string[];
  tag: string | null;
  pageRange: string | null;
  executeAfterId: string | null;
  callbackUrl: string | null;
  callbackHeaders: Record<string, string>;
  blockProcessing: boolean;
};

/** contract §3.10 */
const jobType = (work: Work): string => {
  if (work.kind === 'apply') return 'predict';
  if (work.kind === 'train') return 'train';
  if (work.output_type === 'image') return 'pdf-images';
  return work.output_type === 'text' ? 'image-text' : 'transform';
};

/** By id or short name (contract §3.1). */
const findModel = (world: World, name: string) =>
  world.models.get(name) ?? [...world.models.values()].find((model) => model.short_name === name);

/** The work with its model resolved: a short name becomes an id; a classification needs a classifier. */
const checkedWork = (world: World, work: Work): Work => {
  if (work.kind !== 'apply') return work;
  const model = findModel(world, work.model_id);
  if (!model) throw notFound(`Model ${work.model_id} not found`);
  if (work.classify && model.model_type !== 'classification') throw notOfKind();
  return { ...work, model_id: model.id };
};

const notOfKind = () => new Refusal(403, 'Not a classification model');

const checkDocuments = (world: World, { documentIds, owner, submitter, work }: Submission): void => {
  if (documentIds.length === 0 && work.kind !== 'train') throw badRequest('document_ids: at least one is needed');
  for (const id of documentIds) {
    const document = world.documents.get(id);
    // An admin names the owner in the path: a document of someone else is not there.
    if (!document || (document.application_id !== owner.id && owner.id !== submitter.id))
      throw notFound(`Document ${id} not found`);
    if (document.application_id !== owner.id) throw notOwner('document');
  }
  if (work.kind !== 'train') return;
  const tagged = [...world.documents.values()].some(
    ({ application_id, tags }) => application_id === owner.id && tags.includes(work.documents_tag),
  );
  if (!tagged) throw notFound(`No document has the tag ${work.documents_tag}`);
};

const checkParameters = ({ tag, pageRange, executeAfterId, documentIds }: Submission): void => {
  if (tag !== null && documentIds.length > 1) throw badRequest('A tag needs exactly one document id');
  if (pageRange === null) return;
  parsePageRange(pageRange);
  if (executeAfterId === null && tag === null) throw badRequest('page_range needs execute_after_id or a tag');
};

const checkPrerequisite = (world: World, { executeAfterId, submitter }: Submission): void => {
  if (executeAfterId === null) return;
  const before = visibleJob(world, executeAfterId);
  if (!before) throw notFound(`Job ${executeAfterId} not found`);
  if (before.submitter_id !== submitter.id && submitter.application_type !== 'admin') throw notOwner('job');
};

/** When the next submission shows, if a test hides it. */
const visibleAt = (world: World): number => {
  const { hiding } = world.switches;
  if (!hiding || hiding.times <= 0) return world.time;
  hiding.times -= 1;
  return hiding.ms === null ? Number.POSITIVE_INFINITY : world.time + hiding.ms;
};

/** Takes a submission: checks it, and makes its job (contract §3). */
export const submit = (world: World, submission: Submission): Job => {
  const work = checkedWork(world, submission.work);
  checkDocuments(world, submission);
  checkParameters(submission);
  checkPrerequisite(world, submission);
  const visible_at = visibleAt(world);
  const job: Job = {
    id: world.newId(),
    application_id: submission.owner.id,
    submitter_id: submission.submitter.id,
    // A hidden submission stands for a request that was long under way: it is created when it shows.
    creation_time: Number.isFinite(visible_at) ? visible_at : world.time,
    starting_time: null,
    finished_time: null,
    document_ids: submission.documentIds,
    job_type: jobType(work),
    status: 'READY',
    callback_url: submission.callbackUrl,
    callback_headers: submission.callbackHeaders,
    execute_after_id: submission.executeAfterId,
    parent_job_id: null,
    model_id: work.kind === 'apply' ? work.model_id : null,
    page_range: submission.pageRange,
    tag: submission.tag,
    reason: null,
    http_code: null,
    result_type: null,
    result: null,
    work,
    visible_at,
  };
  job.status = firstStatus(world, job, submission.blockProcessing);
  world.jobs.set(job.id, job);
  world.restless.set(job.id, job);
  return job;
};

/** Hidden jobs show now. */
export const revealJobs = (world: World): void => {
  for (const job of world.jobs.values()) {
    if (job.visible_at > world.time) job.visible_at = job.creation_time = world.time;
  }
};
