// Every path of the API, the function that serves it, and who may call it. lib/ makes the HTTP API's routes of this
// table, the functions their routers, `reroute-request` its answers to whatever matches no route.

/** Names of the functions with HTTP routes: file names under functions/. */
export type HttpFunction =
  | 'submit-job'
  | 'control-job'
  | 'read-jobs'
  | 'explain-job'
  | 'session'
  | 'proxy-leia'
  | 'receive-callback';

export const methods = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE'] as const;
export type Method = (typeof methods)[number];

export type Route = {
  method: Method;
  /** Below the base path for LEIA's API, else below the root; `{name}` is one segment. */
  path: string;
  by: HttpFunction;
  /** No token needed. */
  public?: true;
  /** Its handler may begin before the table has said that the token lives: see `Caller`. */
  early?: true;
  /** Lies at the root rather than under the base path. */
  atRoot?: true;
};

/** LEIA's own base path (contract §0.1). */
export const basePath = '/leia/1.0.0';

/** The full path of a route, as API Gateway spells it. */
export const fullPath = (route: Route): string => (route.atRoot ? route.path : basePath + route.path);

const jobs = [
  { method: 'POST', path: '/model/{model_id}/apply/{document_ids}', by: 'submit-job', early: true },
  { method: 'POST', path: '/model/{model_module}/train/{documents_tag}', by: 'submit-job', early: true },
  { method: 'POST', path: '/document/{document_ids}/transform/{output_type}', by: 'submit-job', early: true },
  { method: 'POST', path: '/job/conditional/{execute_after_id}', by: 'submit-job' },
  { method: 'POST', path: '/job/conditional/{execute_after_id}/explain', by: 'explain-job' },
  { method: 'GET', path: '/job/{job_id}/explain', by: 'explain-job' },
  { method: 'POST', path: '/job/{job_id}/start', by: 'control-job' },
  { method: 'DELETE', path: '/job/{job_id}', by: 'control-job' },
  { method: 'GET', path: '/job', by: 'read-jobs' },
  { method: 'GET', path: '/job/{job_id}', by: 'read-jobs', early: true },
  { method: 'GET', path: '/job/{job_ids}/status', by: 'read-jobs', early: true },
] as const satisfies Route[];

/** First in the path is the submitter of a job, or the owner of what is submitted (contract §2.1). */
const adminJobs = [
  { method: 'POST', path: '/admin/{application_id}/model/{model_id}/apply/{document_ids}', by: 'submit-job' },
  { method: 'POST', path: '/admin/{application_id}/model/{model_module}/train/{documents_tag}', by: 'submit-job' },
  { method: 'POST', path: '/admin/{application_id}/document/{document_ids}/transform/{output_type}', by: 'submit-job' },
  { method: 'POST', path: '/admin/{application_id}/job/conditional/{execute_after_id}', by: 'submit-job' },
  { method: 'GET', path: '/admin/{submitter_id}/job/{job_id}/explain', by: 'explain-job' },
  { method: 'POST', path: '/admin/{submitter_id}/job/{job_id}/start', by: 'control-job' },
  { method: 'DELETE', path: '/admin/{submitter_id}/job/{job_id}', by: 'control-job' },
  { method: 'GET', path: '/admin/job', by: 'read-jobs' },
  { method: 'GET', path: '/admin/{submitter_id}/job/{job_id}', by: 'read-jobs' },
  { method: 'GET', path: '/admin/{submitter_id}/job/{job_ids}/status', by: 'read-jobs' },
] as const satisfies Route[];

const sessions = [
  { method: 'POST', path: '/login', by: 'session', public: true },
  { method: 'GET', path: '/login/{api_key}', by: 'session', public: true },
  { method: 'GET', path: '/whoami', by: 'session' },
  { method: 'GET', path: '/logout', by: 'session' },
  { method: 'GET', path: '/health', by: 'session', public: true },
  { method: 'GET', path: '/openapi.json', by: 'session', public: true },
] as const satisfies Route[];

const callbacks = [
  { method: 'POST', path: '/callbacks/{job_id}/{mac}', by: 'receive-callback', public: true, atRoot: true },
] as const satisfies Route[];

/**
 * What LEIA serves and carries no job (D13): all other paths of its API document, but for `/health`, which is ours. The
 * proxy refuses what would cut the bundle itself off.
 */
const passed: Route[] = (
  [
    ['GET', '/document'],
    ['POST', '/document'],
    ['GET', '/document/tag'],
    ['GET', '/document/zip'],
    ['GET', '/document/{document_id}'],
    ['PATCH', '/document/{document_id}'],
    ['DELETE', '/document/{document_id}'],
    ['GET', '/document/{document_id}/file_contents'],
    ['POST', '/document/{document_id}/tag/{tag}'],
    ['DELETE', '/document/{document_id}/tag/{tag}'],
    ['GET', '/model'],
    ['GET', '/model/{model_id}'],
    ['POST', '/model/{model_id}/tag/{tag}'],
    ['DELETE', '/model/{model_id}/tag/{tag}'],
    ['GET', '/annotation'],
    ['POST', '/annotation/{document_id}'],
    ['GET', '/annotation/{annotation_id}'],
    ['PATCH', '/annotation/{annotation_id}'],
    ['DELETE', '/annotation/{annotation_id}'],
    ['POST', '/annotation/{annotation_id}/tag/{tag}'],
    ['DELETE', '/annotation/{annotation_id}/tag/{tag}'],
    ['GET', '/worker'],
    ['GET', '/worker/{job_type}'],
    ['DELETE', '/worker/{job_type}'],
    ['GET', '/admin/application'],
    ['POST', '/admin/application'],
    ['GET', '/admin/application/{application_id}'],
    ['PATCH', '/admin/application/{application_id}'],
    ['DELETE', '/admin/application/{application_id}'],
    ['POST', '/admin/application/{application_id}/reset_api_key'],
    ['DELETE', '/admin/application/{application_id}/always_on_schedules/{schedule_id}'],
    ['GET', '/admin/document'],
    ['GET', '/admin/document/tag'],
    ['GET', '/admin/document/zip'],
    ['GET', '/admin/model'],
    ['POST', '/admin/{application_id}/document'],
    ['GET', '/admin/{application_id}/document/{document_id}'],
    ['PATCH', '/admin/{application_id}/document/{document_id}'],
    ['DELETE', '/admin/{application_id}/document/{document_id}'],
    ['GET', '/admin/{application_id}/document/{document_id}/file_contents'],
    ['POST', '/admin/{application_id}/document/{document_id}/tag/{tag}'],
    ['DELETE', '/admin/{application_id}/document/{document_id}/tag/{tag}'],
    ['POST', '/admin/{application_id}/model'],
    ['GET', '/admin/{application_id}/model/{model_id}'],
    ['PATCH', '/admin/{application_id}/model/{model_id}'],
    ['DELETE', '/admin/{application_id}/model/{model_id}'],
    ['GET', '/admin/{application_id}/model/{model_id}/file_contents'],
    ['POST', '/admin/{application_id}/model/{model_id}/tag/{tag}'],
    ['DELETE', '/admin/{application_id}/model/{model_id}/tag/{tag}'],
  ] satisfies [Method, string][]
).map(([method, path]) => ({ method, path, by: 'proxy-leia' }));

const table: readonly Route[] = [...jobs, ...adminJobs, ...sessions, ...callbacks, ...passed];

/** Who asks for the head of something must not open or close a session by that. */
const hasEffect = ({ path }: Route): boolean => path.startsWith('/log');

/** To API Gateway a HEAD is no GET; the GET's handler serves both. */
const heads: readonly Route[] = table
  .filter((route) => route.method === 'GET' && !hasEffect(route))
  .map((route) => ({ ...route, method: 'HEAD' }));

export const routes: readonly Route[] = [...table, ...heads];

/** Whether only admins may come here; killing a worker is for them, too, wherever its path lies. */
export const isForAdmins = ({ method, path }: Route): boolean =>
  path.startsWith('/admin/') || (method === 'DELETE' && path.startsWith('/worker/'));

type Handled = (typeof jobs | typeof adminJobs | typeof sessions | typeof callbacks)[number];
type KeyOf<R extends Route> = R extends Route ? `${R['method']} ${R['path']}` : never;

/** `GET /job` and the like: the routes of a function, as its handlers are keyed. */
export type RouteKey<F extends HttpFunction> = KeyOf<Extract<Handled, { by: F }>>;
/** Those of them that need no token. */
export type PublicRouteKey<F extends HttpFunction> = KeyOf<Extract<Handled, { by: F; public: true }>>;
export const keyOf = (route: Route): string => `${route.method} ${route.path}`;
/** The key of the handler that serves the route. */
export const handlerKeyOf = (route: Route): string =>
  keyOf(route.method === 'HEAD' ? { ...route, method: 'GET' } : route);
