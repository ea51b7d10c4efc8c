// Functions that answer HTTP, down every error path.
import { describe, it } from 'vitest';
import { fullPath, type Route, routes } from '../../../functions/runtime/routes.ts';
import { atLeia, call } from '../../flow/support/ground.ts';
import { despiteAccidents } from './accidents.ts';
import { API_KEY, CONTENT, HEADER, note, RESULT, secrets, UNKNOWN_KEY, UNKNOWN_TOKEN, URL_TOKEN } from './secrets.ts';
import { despiteLeia, type Stage } from './stage.ts';

export const httpCanaries = (stage: () => Stage): void => {
  const ids = (): Record<string, string> => ({
    job_id: stage().job,
    job_ids: `${stage().job},${stage().chain}`,
    execute_after_id: stage().job,
    document_id: stage().document,
    document_ids: stage().document,
    api_key: UNKNOWN_KEY,
    mac: '0'.repeat(64),
    output_type: 'text',
  });
  const pathOf = (route: Route): string =>
    fullPath(route).replaceAll(/\{(\w+)\}/g, (_, name: string) => ids()[name] ?? stage().document);
  const root = (): string => stage().bundle.baseUrl.replace(/\/leia\/1\.0\.0$/, '');

  type Asking = { query?: string; headers?: Record<string, string>; body?: string };
  const ask = async (route: Route, { query = '', headers = {}, body }: Asking): Promise<void> => {
    const url = `${root()}${pathOf(route)}${query}`;
    const sendsBody = route.method === 'POST' || route.method === 'PATCH';
    const reply = await call(url, { method: route.method, headers, ...(sendsBody ? { body: body ?? '{}' } : {}) });
    if (reply.status >= 400)
      note('error answer', `${reply.status} ${JSON.stringify([...reply.headers])} ${reply.text}`);
    if (route.path === '/login' && reply.status === 200) secrets.set(String(reply.json.token), 'a token');
  };

  const wellMeant = (): Asking => ({
    headers: { token: stage().client.token, 'cache-control': 'no-cache', 'content-type': 'application/json' },
    body: JSON.stringify({ api_key: API_KEY, callback_headers: { authorization: HEADER }, rules: {} }),
  });

  /** Not the end of the session that all of them need. */
  const asked = routes.filter(({ method, path }) => method !== 'HEAD' && path !== '/logout');
  /** One path stands for all that are passed through. */
  const handled = asked.filter(({ by, path }) => by !== 'proxy-leia' || path === '/document/{document_id}');

  describe('functions that answer HTTP', () => {
    it('are asked by who may not', async () => {
      for (const route of asked) {
        await ask(route, {});
        await ask(route, { headers: { token: UNKNOWN_TOKEN } });
        await ask(route, { ...wellMeant(), query: `?api_key=${API_KEY}` });
        await ask(route, { headers: { ...wellMeant().headers, api_key: API_KEY } });
      }
    });

    it('are asked for what makes no sense', async () => {
      const headers = { token: stage().client.token, 'content-type': 'application/json' };
      const nonsense = [
        `${CONTENT} is no JSON {"api_key": "${UNKNOWN_KEY}"`,
        JSON.stringify({
          api_key: { key: UNKNOWN_KEY },
          callback_headers: [HEADER],
          rules: CONTENT,
          page_range: CONTENT,
        }),
        JSON.stringify({
          callback_headers: { host: HEADER },
          callback_url: `file:///${URL_TOKEN}`,
          rules: { a: { jobs: CONTENT } },
        }),
        JSON.stringify({ api_key: UNKNOWN_KEY, callback_headers: { 'x y': HEADER, a: `b\r\n${HEADER}` } }),
      ];
      for (const route of asked) {
        for (const body of nonsense) await ask(route, { headers, body });
        await ask(route, {
          ...wellMeant(),
          query: `?callback_url=ftp://x/${URL_TOKEN}&page_range=${CONTENT}`,
        });
      }
      await ask({ method: 'POST', path: `//login//${API_KEY}//nowhere`, by: 'session' }, {});
      await ask({ method: 'PATCH', path: `/login/${API_KEY}`, by: 'session' }, {});
    });

    it('fail in every adapter', async () => {
      for (const route of handled) await despiteAccidents(() => ask(route, wellMeant()));
      const [made] = await atLeia(stage().bundle, stage().job);
      const mac = (made?.callback_url ?? '').split('/').at(-1) ?? '';
      const shown = (await stage().client.get(`/job/${stage().job}`)).json;
      const callback = JSON.stringify({ ...shown, id: made?.id });
      const receive = () => call(`${root()}/callbacks/${stage().job}/${mac}`, { method: 'POST', body: callback });
      await despiteAccidents(async () => note('error answer', (await receive()).text));
      await call(`${root()}/callbacks/${stage().job}/${mac}`, { method: 'POST', body: RESULT });
    });

    it('meet a LEIA that fails', async () => {
      for (const route of handled) await despiteLeia(stage(), () => ask(route, wellMeant()));
    }, 120_000);
  });
};
