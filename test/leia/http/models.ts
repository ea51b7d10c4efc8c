import { createdWithin, pageOf, sorted } from '../rules/list.ts';
import type { Model } from '../rules/model.ts';
import { isFinished } from '../rules/model.ts';
import { notFound } from '../rules/refusal.ts';
import { showModel } from '../rules/show.ts';
import { leiaJson } from '../rules/wire.ts';
import { json, pageAnswer } from './answer.ts';
import type { Leia, LeiaApp, LeiaContext } from './leia.ts';
import { adminOf, callerOf, pathPart, route, twin } from './leia.ts';
import { createdOf, pagingOf, queryOf, scalar } from './query.ts';

const sortFields = ['application_id', 'creation_time', 'name', 'short_name', 'model_type', 'description'] as const;

const matches = (model: Model, query: URLSearchParams): boolean => {
  const is = (name: string, value: string): boolean => [undefined, value].includes(scalar(query, name));
  return (
    is('model_id', model.id) &&
    is('application_id', model.application_id) &&
    is('model_type', model.model_type) &&
    is('name', model.name) &&
    is('short_name', model.short_name) &&
    is('description', model.description) &&
    query.getAll('tags').every((tag) => model.tags.includes(tag)) &&
    createdWithin(model, createdOf(query))
  );
};

/** Every model is open to all applications (OpenAPI `GET /model`). */
const list = ({ world }: Leia, c: LeiaContext, ownerId: string | undefined): Response => {
  const query = queryOf(c);
  const mine = scalar(query, 'only_mine')?.toLowerCase() === 'true';
  const page = () => {
    const found = [...world.models.values()].filter(
      (model) => matches(model, query) && (!mine || model.application_id === ownerId),
    );
    return pageOf('model', sorted(found, scalar(query, 'sort'), sortFields), pagingOf(query));
  };
  return pageAnswer('model', page, (model) => leiaJson(showModel(model)));
};

/** One worker for each queue that has unfinished work (OpenAPI `GET /worker`). */
const workers = ({ world }: Leia): { job_type: string; number: number; statuses: string[] }[] => {
  const queues = [...world.jobs.values()]
    .filter(({ status }) => !isFinished(status))
    .map((job) => (job.job_type === 'predict' ? `predict-${job.model_id}` : job.job_type));
  return [...new Set(queues)].map((job_type) => ({ job_type, number: 1, statuses: ['RUNNING'] }));
};

/** Models and workers: read only. */
export const addModelRoutes = (leia: Leia, app: LeiaApp): void => {
  route(app, '/model', { GET: (c) => list(leia, c, callerOf(leia, c).id) });
  route(app, '/admin/model', { GET: (c) => list(leia, c, adminOf(leia, c).id) });
  twin(leia, app, '/model/:model_id', {
    GET: (c) => {
      const id = pathPart(c, 'model_id');
      const model = leia.world.models.get(id);
      if (!model) throw notFound(`Model ${id} not found`);
      return json(showModel(model));
    },
  });
  const answer = (c: LeiaContext, wanted: (job_type: string) => boolean): Response => {
    callerOf(leia, c);
    const running = workers(leia).filter(({ job_type }) => wanted(job_type));
    if (running.length === 0) throw notFound('No worker running');
    return json(running);
  };
  route(app, '/worker', { GET: (c) => answer(c, () => true) });
  route(app, '/worker/:job_type', { GET: (c) => answer(c, (job_type) => job_type === pathPart(c, 'job_type')) });
};
