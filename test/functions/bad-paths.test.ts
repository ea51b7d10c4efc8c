// Each id in the path of each endpoint on jobs: with what no id has, decoded and encoded, and paths that cannot be
// decoded at all. Never a 5xx, never anything recorded.
import { beforeAll, describe, expect, it } from 'vitest';
import { jobOperations } from '../../bin/openapi/jobs.ts';
import { submissionOperations } from '../../bin/openapi/submissions.ts';
import { type Scene, type Stage, startStage } from '../conformance/stage.ts';
import { listedJobs, pathWith } from '../support/path-parts.ts';
import { rawRequest } from '../support/raw-request.ts';

let stage: Stage;
let scene: Scene;
beforeAll(async () => {
  stage = await startStage();
  scene = await stage.scene('own');
  return async () => {
    await scene.close();
    await stage.close();
  };
});

const routes = Object.keys({ ...jobOperations, ...submissionOperations })
  .filter((key) => key.includes('{'))
  .map((key) => {
    const [method = '', path = ''] = key.split(' ');
    return { method, path, names: [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name) };
  });
const cases = routes.flatMap(({ names, ...route }) => names.map((name) => ({ ...route, name })));

const send = (method: string, target: string) => {
  const body = method === 'POST' ? '{"rules":{}}' : '';
  const headers = { token: scene.client.token, 'content-length': String(body.length) };
  return rawRequest(scene.bundle.baseUrl, { method, target, headers, body });
};

const isRefused = async (method: string, target: string, expected: number[] | RegExp): Promise<void> => {
  const before = listedJobs(scene);
  const { status, headers, text } = await send(method, target);
  expect(headers['content-type']).toBe('application/problem+json');
  const { detail } = JSON.parse(text);
  if (Array.isArray(expected)) expect(expected).toContain(status);
  else expect([status, detail]).toEqual([400, expect.stringMatching(expected)]);
  expect(text).not.toMatch(/node_modules|\.ts:|xxxxx/);
  expect(listedJobs(scene)).toEqual(before);
};

/** Nothing of these kinds can be an id; a list falls apart at its commas, and a tag is any line of text. */
const noIds: [what: string, value: string][] = [
  ['a blank', 'a%20b'],
  ['a plus', 'a+b'],
  ['a semicolon', 'a;b'],
  ['a hole', 'a,,b'],
  ['a letter beyond ASCII', '%C3%A9'],
  ['a percent sign', 'a%2520b'],
  ['65 characters', 'x'.repeat(65)],
  ['ten kilobytes', 'x'.repeat(10_000)],
];
const isTag = (name: string): boolean => name === 'documents_tag';
/** A module's name may be longer than an id. */
const fits = (name: string, value: string): boolean =>
  isTag(name) ? value.length < 256 : value.length === 65 && name.startsWith('model_');

describe.each(cases)('$method $path: $name', ({ method, path, name }) => {
  it.each(noIds.filter(([, value]) => !fits(name, value)))('with %s is refused', (_what, value) =>
    isRefused(method, pathWith(path, { [name]: value }), new RegExp(`^${name}: expected `)),
  );
  it.each(['%00', 'a%0Ab', '..', '%2e%2e', '.', 'a%2F..%2Fb', '%zz', '%', '%E0%A4', '%ff'])(
    '%s is in no path',
    (value) => isRefused(method, pathWith(path, { [name]: value }), /^path: expected /),
  );
  it('with a slash is another path, or none', () =>
    isRefused(method, pathWith(path, { [name]: 'a%2Fb' }), [400, 403, 404, 405]));
  it('left out is another path, or none', () =>
    isRefused(method, pathWith(path, { [name]: '' }), [400, 403, 404, 405]));
});

/** What a conditional job's rules name is looked for; its owner alone is not. */
const isLookedFor = ({ path, name }: { path: string; name: string }): boolean =>
  !['documents_tag', 'output_type', 'model_module'].includes(name) &&
  !(name === 'application_id' && path.includes('/conditional/'));

describe.each(cases.filter(isLookedFor))('$method $path: $name', ({ method, path, name }) => {
  it('in capitals is another id, and unknown', () =>
    isRefused(method, pathWith(path, { [name]: 'ABCDEF191E810C19729DE860' }), [403, 404]));
});
