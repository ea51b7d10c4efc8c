import { pageOf, sorted } from '../rules/list.ts';
import type { Application } from '../rules/model.ts';
import { notFound } from '../rules/refusal.ts';
import { showApplication } from '../rules/show.ts';
import { leiaJson } from '../rules/wire.ts';
import { json, pageAnswer } from './answer.ts';
import type { Leia, LeiaApp, LeiaContext } from './leia.ts';
import { adminOf, pathPart, route } from './leia.ts';
import { pagingOf, queryOf, scalar } from './query.ts';

const filters = ['id', 'email', 'application_name', 'first_name', 'last_name', 'application_type'] as const;
const changeable = ['application_name', 'email', 'first_name', 'last_name', 'default_job_callback_url'] as const;

const matches = (application: Application, query: URLSearchParams): boolean =>
  filters.every((field) => {
    const wanted = scalar(query, field === 'id' ? 'application_id' : field);
    return wanted === undefined || wanted === application[field];
  });

/** An admin's view of the applications (OpenAPI, tag `application_admin`). */
export const addApplicationRoutes = (leia: Leia, app: LeiaApp): void => {
  const { world } = leia;
  const found = (c: LeiaContext): Application => {
    adminOf(leia, c);
    const id = pathPart(c, 'application_id');
    const application = world.applications.get(id);
    if (!application) throw notFound(`Application ${id} not found`);
    return application;
  };

  route(app, '/admin/application', {
    GET: (c) => {
      adminOf(leia, c);
      const query = queryOf(c);
      const page = () => {
        const rows = [...world.applications.values()].filter((application) => matches(application, query));
        const sort = ['creation_time', 'email', 'application_name', 'application_type'] as const;
        return pageOf('application', sorted(rows, scalar(query, 'sort'), sort), pagingOf(query));
      };
      return pageAnswer('application', page, (application) => leiaJson(showApplication(world, application)));
    },
  });
  route(app, '/admin/application/:application_id', {
    GET: (c) => json(showApplication(world, found(c))),
    PATCH: (c) => {
      const [application, query] = [found(c), queryOf(c)];
      const given = changeable.filter((field) => query.has(field));
      Object.assign(application, Object.fromEntries(given.map((field) => [field, scalar(query, field)])));
      return json(showApplication(world, application));
    },
  });
};
