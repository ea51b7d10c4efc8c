// Tells programs and people where a local run is.
import { rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { root } from './processes.ts';
import type { LocalRun } from './run.ts';

/** Where a run in `folder` tells programs where it is. */
export const endpointFileIn = (folder: string): string => join(folder, 'endpoint.json');

/** What programs need to know, and a person who pokes at it with the AWS CLI. */
export const endpointOf = ({ aws, leia, state, service, apiKey, webhookSecret }: LocalRun) => ({
  base_url: service.baseUrl,
  api_key: apiKey,
  webhook_secret: webhookSecret,
  leia_url: leia.url,
  leia_api_key: leia.apiKey,
  aws_endpoint_url: aws.endpoint,
  region: aws.region,
  state_stack: state.name,
  service_stack: service.name,
  table_name: state.tableName,
  callbacks_queue_url: state.callbacksQueueUrl,
  sweep_function: service.sweepFunction,
});

/** Writes `endpoint.json`, whole or not at all: programs wait for it. */
export const publishEndpoint = async (run: LocalRun): Promise<void> => {
  const endpointFile = endpointFileIn(run.folder);
  const draft = `${endpointFile}.draft`;
  await writeFile(draft, `${JSON.stringify(endpointOf(run), null, 2)}\n`);
  await rename(draft, endpointFile);
};

/** A folder of the project as one goes there from it. */
const shown = (folder: string): string => {
  const path = relative(root, folder);
  return path.startsWith('..') ? folder : path;
};

/** How to go on, for a person: a request by hand, and each SDK's lines (contract §7). */
export const howToGoOn = ({ aws, leia, service: { baseUrl }, apiKey, folder, keep }: LocalRun): string => `
Ready.

  Base URL  ${baseUrl}
  API key   ${apiKey}
  LEIA      ${leia.url}
  AWS       ${aws.endpoint}${aws.own ? ` (emulated; ${keep ? 'keeps' : 'forgets'} everything when it stops)` : ''}

  The same for programs, with the names of table and functions: ${shown(folder)}/endpoint.json. Logs: ${shown(folder)}/logs/.

By hand: log in, then ask with the token
  TOKEN=$(curl -s '${baseUrl}/login' -H 'content-type: application/json' -d '{"api_key":"${apiKey}"}' | grep -o '"token":"[^"]*' | cut -d'"' -f4)
  curl -s '${baseUrl}/model' -H "token: $TOKEN"

Java
  var leia = new Leia("${baseUrl}", "${apiKey}");

Python
  client = ApiClient(Configuration(host='${baseUrl}'))
  session = SessionManager('${apiKey}', client)
  session.set_as_default()
  session.login()

Node
  const leia = new LeiaAPI('${baseUrl}');
  await leia.login('${apiKey}');

Ctrl-C stops everything.
`;
