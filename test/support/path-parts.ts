// What stands in the paths of the vectors, and the jobs that anybody could have made by asking for them.
import type { Scene } from '../conformance/stage.ts';
import { APPLICATION, D1, J, M } from '../conformance/vectors.ts';

const parts: Readonly<Record<string, string>> = {
  job_id: J,
  job_ids: J,
  submitter_id: APPLICATION,
  application_id: APPLICATION,
  execute_after_id: J,
  document_ids: D1,
  document_id: D1,
  model_id: M,
  model_module: 'leia.models.text.classifier.fasttext.v1',
  documents_tag: 'mytag',
  output_type: 'text',
};

/** A path of the routes' table with each of its `{names}` filled in: as given, else with what is there. */
export const pathWith = (path: string, given: Readonly<Record<string, string>> = {}): string =>
  path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => given[name] ?? parts[name] ?? 'none');

/** The jobs of a scene. LEIA's own refusal is kept for a day, in no list (D1). */
export const listedJobs = ({ bundle }: Scene) =>
  bundle.mirror.snapshot().jobs.filter(({ refusal }) => refusal === undefined);
