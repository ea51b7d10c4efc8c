// Where the functions are measured: the state stack on an emulated AWS, whose table is 4 ms away, and a LEIA that is
// 100 ms away. Both run in other processes than the functions, so that their CPU is not counted.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { settingsOf } from '../../lib/config.ts';
import { type EnvironmentName, environmentOf } from '../../lib/environment.ts';
import { createDeployment, type StateStack } from '../local/deployment.ts';
import { type EmulatedAws, startEmulatedAws } from '../local/emulated-aws.ts';
import { awsEnvironment } from '../local/environment.ts';
import { startLocalLeia } from '../local/local-leia.ts';
import { choosePort } from '../local/port.ts';
import type { Processes } from '../local/processes.ts';
import type { Use } from './chain-meter.ts';
import { useOfChains } from './chain-use.ts';
import { atDistance } from './distance.ts';
import { Findings, findingsFile, type Place, placeFile } from './findings.ts';
import { sweepAgeSeconds } from './lives.ts';
import { type TableRequest, tableRequestOf } from './table-requests.ts';

export const leiaMillis = 100;
export const tableMillis = 4;

export interface Directories {
  /** For this run alone. */
  readonly directory: string;
  readonly bundles: string;
  readonly logDirectory: string;
}

export interface Ground {
  /** Measures everything, in a process of its own. */
  measure(): Promise<{ findings: Findings; tableRequests: readonly TableRequest[] }>;
  /** What chains use, in this process: they cost what they ask for, not CPU. */
  measureChains(): Promise<Use[]>;
}

export const prepareGround = async (processes: Processes, directories: Directories): Promise<Ground> => {
  const { directory, logDirectory } = directories;
  const [aws, leia] = await Promise.all([
    startEmulatedAws(processes, { logDirectory }),
    startLocalLeia(processes, { worker: 'scripted', logDirectory }),
  ]);
  const apiKey = `bench${randomBytes(14).toString('hex')}`;
  const settings = {
    name: 'leia-jobs-bench',
    leiaUrl: leia.url,
    context: { retain: 'false' },
    directory,
    logDirectory,
  };
  const deployment = createDeployment(processes, aws, settings);
  await deployment.bootstrap();
  const state = await deployment.deployState();
  await deployment.openTo([{ apiKey, leiaApiKey: leia.apiKey }], state);
  const callbackPort = await choosePort();

  const measure = async () => {
    const tableRequests: TableRequest[] = [];
    await using distantLeia = await atDistance(leia.url, leiaMillis);
    await using distantTable = await atDistance(aws.endpoint, tableMillis, (passed) => {
      tableRequests.push(tableRequestOf(passed));
    });
    const place: Place = {
      bundles: directories.bundles,
      leiaUrl: leia.url,
      distantLeiaUrl: distantLeia.url,
      distantTableUrl: distantTable.url,
      leiaMillis,
      tableMillis,
      leiaApiKey: leia.apiKey,
      apiKey,
      callbackPort,
      aws: { endpoint: aws.endpoint, region: aws.region, credentials: aws.credentials },
      tableName: state.tableName,
    };
    await writeFile(placeFile(directory), JSON.stringify(place));
    await processes.run({
      name: 'the measured process',
      command: process.execPath,
      args: ['--enable-source-maps', join('bin', 'bench', 'measure.ts'), directory],
      env: { ...functionEnvironment(aws, state, place), AWS_ENDPOINT_URL_DYNAMODB: place.distantTableUrl },
      logFile: join(logDirectory, 'functions.log'),
    });
    const findings = Findings.parse(JSON.parse(await readFile(findingsFile(directory), 'utf8')));
    return { findings, tableRequests };
  };
  const measureChains = async (): Promise<Use[]> => {
    await using distantLeia = await atDistance(leia.url, leiaMillis);
    await using distantTable = await atDistance(aws.endpoint, tableMillis);
    // Awaited here: the distances end with this function.
    return await useOfChains({
      leiaUrl: leia.url,
      distantLeiaUrl: distantLeia.url,
      leiaApiKey: leia.apiKey,
      aws: { region: aws.region, credentials: aws.credentials, endpoint: distantTable.url },
      tableName: state.tableName,
      bucketName: state.bucketName,
    });
  };
  return { measure, measureChains };
};

/** What the functions are told by their deployment. */
type Told = Record<Exclude<EnvironmentName, 'FUNCTION_NAMES'>, string | number>;

/** As lib/ gives it to the functions. */
const functionEnvironment = (aws: EmulatedAws, state: StateStack, place: Place): NodeJS.ProcessEnv => {
  const sweepAges = { sweepAgeFirstSeconds: sweepAgeSeconds, sweepAgeThenSeconds: sweepAgeSeconds };
  const settings = settingsOf({ leiaUrl: place.distantLeiaUrl, ...sweepAges });
  const told: Told = {
    ...environmentOf(settings),
    TABLE_NAME: state.tableName,
    BUCKET_NAME: state.bucketName,
    SECRET_NAME: state.secretName,
    SUBMISSIONS_QUEUE_URL: state.queueUrl,
    CALLBACKS_QUEUE_URL: state.callbacksQueueUrl,
    EVENT_BUS_NAME: settings.eventBusName,
    // No chain is started here.
    STATE_MACHINE_ARN: 'none',
    CALLBACK_BASE_URL: `http://127.0.0.1:${place.callbackPort}`,
  };
  return {
    ...awsEnvironment(aws),
    ...Object.fromEntries(Object.entries(told).map(([name, value]) => [name, String(value)])),
    POWERTOOLS_SERVICE_NAME: settings.name,
    POWERTOOLS_LOG_LEVEL: settings.logLevel,
  };
};
