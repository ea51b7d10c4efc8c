import type { Work } from '../rules/model.ts';
import { transforms } from '../rules/model.ts';
import {
  applyParameters,
  effective,
  enumValue,
  freeParameters,
  trainParameters,
  transformParameters,
} from '../rules/parameters.ts';
import { badRequest } from '../rules/refusal.ts';
import { showJob } from '../rules/show.ts';
import type { Submission } from '../rules/submit.ts';
import { submit } from '../rules/submit.ts';
import { jsonText } from './answer.ts';
import type { Leia, LeiaApp, LeiaContext, Standing } from './leia.ts';
import { ownerOf, pathList, pathPart, twin } from './leia.ts';
import { problem } from './problem.ts';
import { objectBody, queryOf } from './query.ts';

type Common = {
  execute_after_id: string | null;
  callback_url: string | null;
  callback_headers?: Record<string, unknown> | null | undefined;
  block_processing: boolean;
  page_range: string | null;
};

const headerTexts = (headers: Record<string, unknown> | null | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));

const submission = (
  leia: Leia,
  standing: Standing,
  parameters: Common,
  about: Pick<Submission, 'work' | 'documentIds' | 'tag'>,
): Submission => ({
  ...about,
  submitter: standing.caller,
  owner: ownerOf(leia, standing),
  pageRange: parameters.page_range,
  executeAfterId: parameters.execute_after_id,
  callbackUrl: parameters.callback_url,
  callbackHeaders: headerTexts(parameters.callback_headers),
  blockProcessing: parameters.block_processing,
});

/** contract §3.1 */
const readApply = async (leia: Leia, c: LeiaContext, standing: Standing): Promise<Submission> => {
  const [query, body] = [queryOf(c), await objectBody(c)];
  const parameters = effective(applyParameters, query, body);
  const work: Work = {
    kind: 'apply',
    model_id: pathPart(c, 'model_id'),
    classify: parameters.format_type === 'classification',
    params: freeParameters('model_params', Object.keys(applyParameters.shape), query, body),
  };
  return submission(leia, standing, parameters, {
    work,
    documentIds: pathList(c, 'document_ids'),
    tag: parameters.tag,
  });
};

/** contract §3.2 */
const readTransform = async (leia: Leia, c: LeiaContext, standing: Standing): Promise<Submission> => {
  const [query, body] = [queryOf(c), await objectBody(c)];
  const asked = pathPart(c, 'output_type');
  const output_type = enumValue(asked, transforms);
  if (!output_type) throw badRequest(`output_type: "${asked}" is not one of ${transforms.join(', ')}`);
  const parameters = effective(transformParameters, query, body);
  const work: Work = {
    kind: 'transform',
    output_type,
    output_tag: parameters.output_tag,
    params: freeParameters('transform_params', Object.keys(transformParameters.shape), query, body),
  };
  const documentIds = pathList(c, 'document_ids');
  return submission(leia, standing, parameters, { work, documentIds, tag: parameters.input_tag });
};

/** OpenAPI `POST /model/{model_module}/train/{documents_tag}` */
const readTrain = async (leia: Leia, c: LeiaContext, standing: Standing): Promise<Submission> => {
  const [query, body] = [queryOf(c), await objectBody(c)];
  const parameters = effective(trainParameters, query, body);
  const work: Work = {
    kind: 'train',
    model_module: pathPart(c, 'model_module'),
    documents_tag: pathPart(c, 'documents_tag'),
    model_name: parameters.model_name,
    short_name: parameters.short_name,
    params: freeParameters('model_params', Object.keys(trainParameters.shape), query, body),
  };
  return submission(leia, standing, parameters, { work, documentIds: [], tag: null });
};

/** Apply, transform and train, with their admin twins. Conditional jobs are not this LEIA's business: 501. */
export const addSubmissionRoutes = (leia: Leia, app: LeiaApp): void => {
  const accepted =
    (read: typeof readApply) =>
    async (c: LeiaContext, standing: Standing): Promise<Response> => {
      const job = submit(leia.world, await read(leia, c, standing));
      return jsonText(showJob(job, leia.world.switches.echoCallbackUrl));
    };
  twin(leia, app, '/job/conditional/:execute_after_id', {
    POST: () => problem(501, 'This LEIA runs no conditional jobs'),
  });
  twin(leia, app, '/model/:model_id/apply/:document_ids', { POST: accepted(readApply) });
  twin(leia, app, '/model/:model_module/train/:documents_tag', { POST: accepted(readTrain) });
  twin(leia, app, '/document/:document_ids/transform/:output_type', { POST: accepted(readTransform) });
};
