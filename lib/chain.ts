// The state machine behind a conditional job (D6): which rules match, then each rule's entries one after the other, then
// the end. run-chain does the work; between the states travel ids and indexes, and how a step ended.
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  Choice,
  Condition,
  DefinitionBody,
  Errors,
  IntegrationPattern,
  JitterType,
  LogLevel,
  Map as MapState,
  Pass,
  ProvideItems,
  QueryLanguage,
  StateMachine,
  TaskInput,
  Timeout,
} from 'aws-cdk-lib/aws-stepfunctions';
import { LambdaInvoke } from 'aws-cdk-lib/aws-stepfunctions-tasks';
import { Construct } from 'constructs';
import * as z from 'zod';
import { accept } from './bundle-function.ts';
import type { Settings } from './config.ts';

const nameOf = ({ name }: Settings): string => `${name}-chains`;

/** ARNs by name: functions are told of the machine, and the machine of one of them. */
export const chainMachineArns = (scope: Construct, settings: Settings): { machine: string; executions: string } => {
  const states = { service: 'states', arnFormat: ArnFormat.COLON_RESOURCE_NAME };
  const arn = (resource: string, resourceName: string): string =>
    Stack.of(scope).formatArn({ ...states, resource, resourceName });
  return { machine: arn('stateMachine', nameOf(settings)), executions: arn('execution', `${nameOf(settings)}:*`) };
};

const jobId = '{% $states.context.Execution.Input.job_id %}';
const rule = '{% $states.input.rule %}';
const entry = '{% $states.input.entry %}';
const entries = '{% $states.input.entries %}';
const ok = '{% $states.result.ok = true %}';
const why = "{% $states.errorOutput.Error = 'States.Timeout' ? 'timed out' : 'broke off' %}";

/** Whatever went wrong, with Lambda or in it: run-chain may be asked again. It adds up to about two minutes. */
const again = {
  interval: Duration.seconds(2),
  backoffRate: 4,
  maxDelay: Duration.minutes(1),
  jitterStrategy: JitterType.FULL,
  /** With 1,000 entries, more would not fit into an execution's history of 25,000 events. */
  maxAttempts: 4,
};

/** What run-chain is asked beside its action, and what goes on from there. */
interface Asking {
  comment?: string;
  place?: object;
  outputs: object;
}

export interface ChainMachineProps {
  settings: Settings;
  /** functions/run-chain.ts */
  runChain: IFunction;
}

/** An execution is named by its job's id, and its input is `{ "job_id": … }`. */
export class ChainMachine extends Construct {
  readonly machine: StateMachine;
  readonly #settings: Settings;
  readonly #runChain: IFunction;

  constructor(scope: Construct, id: string, { settings, runChain }: ChainMachineProps) {
    super(scope, id);
    this.#settings = settings;
    this.#runChain = runChain;
    const evaluateRules = this.#task('EvaluateRules', 'evaluate', {
      outputs: { rules: '{% $states.result.Payload.rules %}' },
    });
    const complete = this.#task('Complete', 'complete', { outputs: {} });
    this.machine = new StateMachine(this, 'Machine', {
      stateMachineName: nameOf(settings),
      comment: 'A conditional job: the rules that match side by side, the entries of each one after the other',
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(evaluateRules.next(this.#runRules()).next(complete)),
      // Not what states are given: that is where task tokens are.
      logs: { destination: this.#logGroup(), level: LogLevel.ERROR, includeExecutionData: false },
      tracingEnabled: settings.tracing,
    });
    this.#acceptFindings();
  }

  #runRules(): MapState {
    return MapState.jsonata(this, 'RunRules', {
      comment: 'The rules that match, side by side',
      items: ProvideItems.jsonata('{% $states.input.rules %}'),
      itemSelector: {
        rule: '{% $states.context.Map.Item.Value.rule %}',
        entries: '{% $states.context.Map.Item.Value.entries %}',
        entry: 0,
        ok: true,
      },
      maxConcurrency: this.#settings.maxRulesAtOnce,
      outputs: {},
    }).itemProcessor(this.#runEntries());
  }

  /**
   * A loop of two transitions an entry. The last entry has a state of its own, so that a rule ends with it, and a child
   * that failed is a value, so that the other rules go on. A step that ends without its child is given up: one more.
   */
  #runEntries(): Choice {
    const failed = Pass.jsonata(this, 'RuleFailed', {
      comment: 'Its remaining entries are not run; Complete finds the child that failed',
      outputs: { rule, ok: false },
    });
    const giveUp = this.#task('GiveUpStep', 'give-up-step', {
      comment: 'The step timed out or broke off: its child is cancelled',
      place: { rule, entry, why: '{% $states.input.why %}' },
      outputs: { rule, ok: false },
    });
    giveUp.addCatch(failed, { outputs: { rule } });
    const next = Choice.jsonata(this, 'NextEntry');
    const step = this.#step('RunStep', { rule, entries, entry: '{% $states.input.entry + 1 %}', ok });
    const lastStep = this.#step('RunLastStep', { rule, ok });
    for (const state of [step, lastStep]) state.addCatch(giveUp, { outputs: { rule, entry, why } });
    return next
      .when(Condition.jsonata('{% $states.input.ok = false %}'), failed)
      .when(Condition.jsonata('{% $states.input.entry + 1 < $states.input.entries %}'), step.next(next))
      .otherwise(lastStep);
  }

  /** Records a child and waits until somebody tells, with the token, how it ended: `{ "ok": true | false }`. */
  #step(name: string, outputs: object): LambdaInvoke {
    const token = '{% $states.context.Task.Token %}';
    const state = LambdaInvoke.jsonata(this, name, {
      comment: 'One job, from its submission to its end',
      lambdaFunction: this.#runChain,
      integrationPattern: IntegrationPattern.WAIT_FOR_TASK_TOKEN,
      payload: TaskInput.fromObject({ action: 'run-step', job_id: jobId, rule, entry, task_token: token }),
      taskTimeout: Timeout.duration(Duration.seconds(this.#settings.stepTimeoutSeconds)),
      retryOnServiceExceptions: false,
      outputs,
    });
    // Not after a timeout: by then the child has had its time.
    state.addRetry({ ...again, errors: [Errors.TASKS_FAILED] });
    return state;
  }

  #task(name: string, action: string, { comment, place, outputs }: Asking): LambdaInvoke {
    const state = LambdaInvoke.jsonata(this, name, {
      ...(comment === undefined ? {} : { comment }),
      lambdaFunction: this.#runChain,
      payload: TaskInput.fromObject({ action, job_id: jobId, ...place }),
      taskTimeout: Timeout.duration(Duration.seconds(2 * this.#settings.functionTimeoutSeconds)),
      retryOnServiceExceptions: false,
      outputs,
    });
    state.addRetry({ ...again, errors: [Errors.ALL] });
    return state;
  }

  #acceptFindings(): void {
    const arn: unknown = Stack.of(this).resolve(this.#runChain.functionArn);
    const [lambda] = z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }).parse(arn)['Fn::GetAtt'];
    accept(this, `AwsSolutions-IAM5[Resource::<${lambda}.Arn>:*]`, 'Its versions, which the CDK grants along.');
    accept(this, 'AwsSolutions-IAM5[Resource::*]', 'Log deliveries and traces are of no resource in particular.');
    if (!this.#settings.tracing) accept(this, 'AwsSolutions-SF2', 'Tracing is a setting, and it is off.');
    accept(this, 'AwsSolutions-SF1', 'Each transition is in the execution’s own history; the log is for errors.');
  }

  #logGroup(): LogGroup {
    return new LogGroup(this, 'Logs', {
      retention: this.#settings.logRetentionDays,
      removalPolicy: this.#settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}
