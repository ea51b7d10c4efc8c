import { describe, expect, it } from 'vitest';
import { allowedMethods, routeOf, routesOf } from '../../functions/runtime/route-match.ts';
import { basePath, fullPath, keyOf, routes } from '../../functions/runtime/routes.ts';

const at = (method: string, path: string) => {
  const route = routeOf(method, basePath + path);
  return route && `${keyOf(route)} ${route.by}`;
};

describe('a request means', () => {
  it.each([
    ['GET', '/document/tag', 'GET /document/tag proxy-leia'],
    ['GET', '/document/zip', 'GET /document/zip proxy-leia'],
    ['GET', '/document/507f', 'GET /document/{document_id} proxy-leia'],
    ['GET', '/admin/job', 'GET /admin/job read-jobs'],
    ['GET', '/admin/document/tag', 'GET /admin/document/tag proxy-leia'],
    ['POST', '/job/conditional/507f', 'POST /job/conditional/{execute_after_id} submit-job'],
    ['POST', '/job/conditional/start', 'POST /job/conditional/{execute_after_id} submit-job'],
    ['POST', '/job/conditional/507f/explain', 'POST /job/conditional/{execute_after_id}/explain explain-job'],
    ['GET', '/job/507f/explain', 'GET /job/{job_id}/explain explain-job'],
    ['POST', '/job/507f/start', 'POST /job/{job_id}/start control-job'],
    ['GET', '/job/a,b/status', 'GET /job/{job_ids}/status read-jobs'],
    ['DELETE', '/job/507f', 'DELETE /job/{job_id} control-job'],
    ['POST', '/model/leia.models.v1/train/tag', 'POST /model/{model_module}/train/{documents_tag} submit-job'],
    [
      'POST',
      '/admin/507f/job/conditional/508f',
      'POST /admin/{application_id}/job/conditional/{execute_after_id} submit-job',
    ],
    [
      'POST',
      '/admin/507f/job/conditional/start',
      'POST /admin/{application_id}/job/conditional/{execute_after_id} submit-job',
    ],
    ['POST', '/admin/507f/job/508f/start', 'POST /admin/{submitter_id}/job/{job_id}/start control-job'],
    ['GET', '/admin/507f/job/a,b/status', 'GET /admin/{submitter_id}/job/{job_ids}/status read-jobs'],
    ['GET', '/worker/predict-507f', 'GET /worker/{job_type} proxy-leia'],
    ['HEAD', '/document/507f/file_contents', 'HEAD /document/{document_id}/file_contents proxy-leia'],
    ['HEAD', '/job/507f', 'HEAD /job/{job_id} read-jobs'],
  ])('%s %s: %s', (method, path, route) => expect(at(method, path)).toBe(route));

  it.each([
    ['GET', '/'],
    ['GET', '/jobs'],
    ['GET', '/job/'],
    ['GET', '/job/a/b/c'],
    ['PUT', '/job/507f'],
    ['OPTIONS', '/job'],
    ['HEAD', '/login/507f'],
    ['HEAD', '/logout'],
    ['GET', '/__proto__'],
  ])('%s %s: nothing', (method, path) => expect(at(method, path)).toBeUndefined());

  it('callbacks lie at the root only', () => {
    expect(routeOf('POST', '/callbacks/507f/mac')?.by).toBe('receive-callback');
    expect(at('POST', '/callbacks/507f/mac')).toBeUndefined();
  });
});

describe('the methods of a path', () => {
  it('are those that some route has', () => {
    expect(allowedMethods(`${basePath}/job/507f`)).toEqual(['DELETE', 'GET', 'HEAD']);
    expect(allowedMethods(`${basePath}/document`)).toEqual(['GET', 'HEAD', 'POST']);
    expect(allowedMethods(`${basePath}/nothing`)).toEqual([]);
  });
});

describe('the table', () => {
  it('has each route once, whatever its parameters are called', () => {
    const shapes = routes.map((route) => `${route.method} ${fullPath(route).replaceAll(/\{\w+\}/g, '{}')}`);
    expect(new Set(shapes).size).toBe(shapes.length);
  });

  it('keeps every job-bearing path away from the proxy', () => {
    const carriesJob = /\/job(?:\/|$)|\/apply\/|\/transform\/|\/train\//;
    expect(routesOf('proxy-leia').filter(({ path }) => carriesJob.test(path))).toEqual([]);
  });

  it('lets in without a token only those who log in, LEIA, and who asks for our health or our description', () =>
    expect(routes.filter((route) => route.public).map(keyOf)).toEqual([
      'POST /login',
      'GET /login/{api_key}',
      'GET /health',
      'GET /openapi.json',
      'POST /callbacks/{job_id}/{mac}',
      'HEAD /health',
      'HEAD /openapi.json',
    ]));
});
