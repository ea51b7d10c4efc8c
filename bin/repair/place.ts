// Where the deployment is that a person means: in an AWS account, or in the local run that npm start serves.
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { emulatedCredentials } from '../local/environment.ts';
import { Failure } from './failure.ts';

export type PlaceOptions = {
  /** The setting `name`. */
  name: string;
  /** The local run, whatever the environment says. */
  local?: boolean;
  /** AWS, whatever runs here. */
  aws?: boolean;
};

/** What every client of the SDK is made with; what is absent, the SDK finds as usual. */
export type ClientOptions = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
};

export type Place = { stateStack: string; serviceStack: string; isLocal: boolean; client: ClientOptions };

type Environment = Readonly<Record<string, string | undefined>>;

const Endpoint = z.object({
  aws_endpoint_url: z.string(),
  region: z.string(),
  state_stack: z.string(),
  service_stack: z.string(),
});

/** Whoever sets one of these means an AWS of theirs. */
const namesAnAws = ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_ENDPOINT_URL', 'AWS_ROLE_ARN'];

/**
 * AWS if the environment names one, else the local run if there is one, else AWS with what the SDK finds.
 * @param endpointFile what npm start writes while it serves
 */
export const placeOf = async (options: PlaceOptions, env: Environment, endpointFile: string): Promise<Place> => {
  if (options.local && options.aws) throw new Failure('--local and --aws exclude each other');
  if (options.local) return localPlace(env, await endpointOf(endpointFile));
  const named = options.aws || namesAnAws.some((variable) => env[variable]);
  const endpoint = named ? undefined : await endpointOf(endpointFile).catch(() => undefined);
  return endpoint ? localPlace(env, endpoint) : awsPlace(options, env);
};

const awsPlace = ({ name }: PlaceOptions, env: Environment): Place => ({
  stateStack: `${name}-state`,
  serviceStack: `${name}-service`,
  isLocal: false,
  // The SDK for JavaScript knows only the first of the two names.
  client: !env.AWS_REGION && env.AWS_DEFAULT_REGION ? { region: env.AWS_DEFAULT_REGION } : {},
});

const localPlace = (env: Environment, endpoint: z.infer<typeof Endpoint>): Place => ({
  stateStack: endpoint.state_stack,
  serviceStack: endpoint.service_stack,
  isLocal: true,
  client: {
    endpoint: endpoint.aws_endpoint_url,
    region: endpoint.region,
    credentials: localCredentials(env, endpoint),
  },
});

/** npm start may have been given an emulated AWS that wants those of the environment. */
const localCredentials = (env: Environment, { aws_endpoint_url: url }: z.infer<typeof Endpoint>) => {
  const { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  const isGiven = AWS_ENDPOINT_URL?.replace(/\/+$/, '') === url && AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY;
  if (!isGiven) return emulatedCredentials;
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
  };
};

const endpointOf = async (file: string): Promise<z.infer<typeof Endpoint>> => {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new Failure('there is no local run: npm start is not at work in this folder');
  });
  return Endpoint.parse(JSON.parse(text));
};
