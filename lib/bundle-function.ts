// Every function is made here, so that all of them have the same runtime, logs, traces and no right by default.
import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { Grant, type IGrantable, type IPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import * as z from 'zod';
import type { Ability, Ground } from './abilities.ts';
import { alarmPeriod, LossAlarm } from './alarms.ts';
import { codeOf, type FunctionName } from './bundles.ts';
import type { Settings } from './config.ts';
import { type EnvironmentName, environmentOf, type SettingName } from './environment.ts';

export interface BundleFunctionProps {
  ground: Ground;
  abilities: readonly Ability[];
  /** `functionTimeoutSeconds` if not given. */
  timeoutSeconds?: number;
  /** At once, no more and no less, whatever the others do; 0 if not given: as many as the account has left. */
  concurrency?: number;
}

/** One of functions/*.ts as a Lambda. What it may do, and where that is, the constructs of its resources give it. */
export class BundleFunction extends Construct implements IGrantable {
  readonly name: FunctionName;
  readonly lambda: LambdaFunction;
  readonly grantPrincipal: IPrincipal;
  readonly #settings: Settings;

  constructor(scope: Construct, name: FunctionName, props: BundleFunctionProps) {
    super(scope, name);
    const { ground, abilities, timeoutSeconds, concurrency = 0 } = props;
    const { settings } = ground;
    this.name = name;
    this.#settings = settings;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: settings.logRetentionDays,
      removalPolicy: settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.lambda = new LambdaFunction(this, 'Function', {
      functionName: `${settings.name}-${name}`,
      code: codeOf(name),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      memorySize: settings.functionMemoryMegabytes,
      timeout: Duration.seconds(timeoutSeconds ?? settings.functionTimeoutSeconds),
      ...(concurrency > 0 ? { reservedConcurrentExecutions: concurrency } : {}),
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel[settings.logLevel],
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_SERVICE_NAME: settings.name,
        POWERTOOLS_LOG_LEVEL: settings.logLevel,
        POWERTOOLS_TRACE_ENABLED: String(settings.tracing),
      },
    });
    this.grantPrincipal = this.lambda.grantPrincipal;
    if (settings.tracing)
      accept(this, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray takes traces for no resource in particular.');
    for (const ability of abilities) ability(this, ground);
  }

  /** Gives it these settings to read. */
  read(...names: readonly SettingName[]): void {
    const values = environmentOf(this.#settings);
    this.tell(Object.fromEntries(names.map((name) => [name, String(values[name])])));
  }

  /** Tells it where something is. */
  tell(environment: Partial<Record<EnvironmentName, string>>): void {
    for (const [name, value] of Object.entries(environment)) this.lambda.addEnvironment(name, value);
  }

  /** Lets it do exactly this, to exactly that. */
  allow(actions: readonly string[], ...resourceArns: readonly string[]): void {
    Grant.addToPrincipal({ grantee: this, actions: [...actions], resourceArns: [...resourceArns] }).assertSuccess();
  }

  /** Lets it do exactly this, to all objects of a bucket whose keys begin with `prefix`. */
  allowObjects(actions: readonly string[], bucket: Bucket, prefix: string): void {
    this.allow(actions, bucket.arnForObjects(`${prefix}*`));
    // As the template of the function's stack will name the bucket, which is of another stack.
    const arn: unknown = Stack.of(this).resolve(Stack.of(bucket).exportValue(bucket.bucketArn));
    const { 'Fn::ImportValue': exported } = z.object({ 'Fn::ImportValue': z.string() }).parse(arn);
    accept(this, `AwsSolutions-IAM5[Resource::${exported}/${prefix}*]`, 'Each object has a key of its own.');
  }

  /** Rings when it fails, or is not let run: for functions whose callers do not notice. */
  alarmOnFailure(says: string): void {
    const metric = this.lambda.metricErrors({ period: alarmPeriod });
    new LossAlarm(this, 'Errors', { settings: this.#settings, says, metric });
    this.alarmOnThrottles(says);
  }

  /** Rings when it is not let run. */
  alarmOnThrottles(says: string): void {
    const metric = this.lambda.metricThrottles({ period: alarmPeriod });
    new LossAlarm(this, 'Throttles', { settings: this.#settings, says, metric });
  }
}

/** Accepts one finding of cdk-nag below `construct`, and says why. */
export const accept = (construct: Construct, finding: string, reason: string): void =>
  Validations.of(construct).acknowledge({ id: finding, reason });
