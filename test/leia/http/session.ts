import * as z from 'zod';
import { badRequest, Refusal } from '../rules/refusal.ts';
import { showApplication } from '../rules/show.ts';
import { json, noContent } from './answer.ts';
import type { Leia, LeiaApp } from './leia.ts';
import { callerOf, pathPart, route } from './leia.ts';
import { objectBody } from './query.ts';

const credentials = z.object({ api_key: z.string() });

/** A bad key is 403, not 401 (contract §1.1). Tokens live until they are logged out or a test expires them. */
const login = ({ world, tokens, newToken }: Leia, apiKey: string): Response => {
  const application = [...world.applications.values()].find(({ api_key }) => api_key === apiKey);
  if (!application) throw new Refusal(403, 'Bad API key');
  const token = newToken();
  tokens.set(token, application.id);
  return json({ token, application: showApplication(world, application) });
};

/** Login, logout, whoami and health (contract §1.1). */
export const addSessionRoutes = (leia: Leia, app: LeiaApp): void => {
  route(app, '/login', {
    POST: async (c) => {
      const body = credentials.safeParse(await objectBody(c));
      if (!body.success) throw badRequest('api_key: must be a string');
      return login(leia, body.data.api_key);
    },
  });
  route(app, '/login/:api_key', { GET: (c) => login(leia, pathPart(c, 'api_key')) });
  route(app, '/logout', {
    GET: (c) => {
      callerOf(leia, c);
      leia.tokens.delete(c.req.header('token') ?? '');
      return noContent();
    },
  });
  route(app, '/whoami', { GET: (c) => json(showApplication(leia.world, callerOf(leia, c))) });
  route(app, '/health', { GET: () => json({ status: 'OK' }) });
};
