// API Gateway: the function behind each route, and what callers hear when it dies.
import { routeOf } from '../../../functions/runtime/route-match.ts';
import { gatewayEvent, lambdaContext } from '../../support/gateway.ts';
import type { Ground } from './ground.ts';

export type HttpRequest = {
  method: string;
  path: string;
  query?: string;
  headers?: Record<string, string>;
  body?: string;
};
export type HttpReply = { status: number; headers: Record<string, string>; body: string };

/** Every route that programs use here is served by one of these. */
type Served = keyof Ground['functions']['http'];

const isServed = (name: string, functions: Ground['functions']['http']): name is Served =>
  Object.hasOwn(functions, name);

export const gatewayOf =
  ({ functions: { http } }: Pick<Ground, 'functions'>) =>
  async (request: HttpRequest): Promise<HttpReply> => {
    const name = routeOf(request.method, request.path)?.by ?? 'none';
    if (!isServed(name, http)) throw new Error(`nobody serves ${request.method} ${request.path}`);
    const outcome = await http[name].call((answer) => answer(gatewayEvent(request), lambdaContext()));
    if (outcome.outcome !== 'done') return { status: 503, headers: {}, body: '{"message":"Service Unavailable"}' };
    const { statusCode = 500, headers = {}, body = '' } = outcome.value;
    return { status: statusCode, headers: headers as Record<string, string>, body };
  };
