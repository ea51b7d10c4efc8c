// The state machine behind a conditional job (D6): which rules match, then each rule's entries one after the other, then
// the end. run-chain does the work; between the states travel ids and indexes.
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
  Parallel,
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
import { STEP_FAILED } from '../functions/jobs/chain.ts';
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
      outputs: {
        single: '{% [$states.result.Payload.rules[entries = 1].rule] %}',
        rows: '{% [$states.result.Payload.rules[entries > 1]] %}',
      },
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

  /**
   * Two transitions a step, whatever becomes of it (docs/decisions/0018): its own, and the one to what comes next. A rule
   * begins with its first step and ends with its last, so that the last of a row is a state of its own, and a rule with
   * one entry, whose first step is its last, belongs to a Map of its own.
   */
  #runRules(): Parallel {
    return Parallel.jsonata(this, 'RunRules', { comment: 'The rules that match, side by side', outputs: {} }).branch(
      this.#runSingleEntries(),
      this.#runRows(),
    );
  }

  #runSingleEntries(): MapState {
    const step = this.#step('RunSingleStep', { rule });
    this.#rescue(step, { giveUp: 'GiveUpSingleStep', failed: 'SingleStepFailed' });
    return MapState.jsonata(this, 'RunSingleEntries', {
      comment: 'Rules with one entry',
      items: ProvideItems.jsonata('{% $states.input.single %}'),
      itemSelector: { rule: '{% $states.context.Map.Item.Value %}', entry: 0 },
      maxConcurrency: this.#settings.maxRulesAtOnce,
      outputs: {},
    }).itemProcessor(step);
  }

  #runRows(): MapState {
    const step = this.#step('RunStep', { rule, entries, entry: '{% $states.input.entry + 1 %}' });
    const lastStep = this.#step('RunLastStep', { rule });
    this.#rescue([step, lastStep], { giveUp: 'GiveUpStep', failed: 'RowFailed' });
    const next = Choice.jsonata(this, 'NextEntry')
      .when(Condition.jsonata('{% $states.input.entry + 1 < $states.input.entries %}'), step)
      .otherwise(lastStep);
    return MapState.jsonata(this, 'RunRows', {
      comment: 'Rules with several entries, which run one after the other',
      items: ProvideItems.jsonata('{% $states.input.rows %}'),
      itemSelector: {
        rule: '{% $states.context.Map.Item.Value.rule %}',
        entries: '{% $states.context.Map.Item.Value.entries %}',
        entry: 0,
      },
      maxConcurrency: this.#settings.maxRulesAtOnce,
      outputs: {},
    }).itemProcessor(step.next(next));
  }

  /** Where steps go whose child has failed, or that end without it: the rule is over, and the other rules go on. */
  #rescue(steps: LambdaInvoke | LambdaInvoke[], names: { giveUp: string; failed: string }): void {
    const failed = Pass.jsonata(this, names.failed, {
      comment: 'The rule is over; Complete finds the child that failed',
    });
    const giveUp = this.#task(names.giveUp, 'give-up-step', {
      comment: 'The step timed out or broke off: its child is cancelled',
      place: { rule, entry, why: '{% $states.input.why %}' },
      outputs: { rule },
    });
    giveUp.addCatch(failed, { outputs: { rule } });
    for (const step of [steps].flat()) {
      step.addCatch(failed, { errors: [STEP_FAILED], outputs: { rule } });
      step.addCatch(giveUp, { outputs: { rule, entry, why } });
    }
  }

  /** Records a child and waits until somebody tells, with the token, that it is PROCESSED, or that the step has failed. */
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
    state.addRetry({ errors: [STEP_FAILED], maxAttempts: 0 });
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
