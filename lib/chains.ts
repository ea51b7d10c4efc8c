// Conditional chains (D6): run-chain, the state machine that calls it, and what happens when an execution dies.
import { Duration } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { answerSteps, type Ground, keepJobs, releaseJobs } from './abilities.ts';
import { alarmPeriod, counted, LossAlarm } from './alarms.ts';
import { accept, BundleFunction } from './bundle-function.ts';
import { ChainMachine } from './chain.ts';

export class Chains extends Construct {
  readonly runChain: BundleFunction;
  readonly machine: StateMachine;
  /** Executions that died without run-chain's learning of it. */
  readonly unheard: Queue;

  constructor(scope: Construct, id: string, ground: Ground) {
    super(scope, id);
    this.runChain = new BundleFunction(this, 'run-chain', { ground, abilities: [keepJobs, releaseJobs, answerSteps] });
    this.runChain.alarmOnFailure('run-chain fails: conditional jobs stand still, and FAIL when it goes on.');
    const { settings } = ground;
    this.machine = new ChainMachine(this, 'Chain', { settings, runChain: this.runChain.lambda }).machine;
    this.unheard = this.#followDeaths(ground);
    // Not of the executions that AWS counts as failed: a cancelled job aborts its own, and is no loss.
    new LossAlarm(this, 'Died', {
      settings,
      says: 'A conditional job FAILED because its execution died.',
      metric: counted(settings, 'ChainDied'),
    });
  }

  /** An execution that ends otherwise than by `Complete` has left its job unfinished; unless it was cancelled. */
  #followDeaths({ settings }: Ground): Queue {
    const { lambda } = this.runChain;
    const unheard = new Queue(this, 'Unheard', { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true });
    accept(unheard, 'AwsSolutions-SQS3', 'It is itself the dead-letter queue, of the events.');
    // EventBridge hands the event over; what becomes of it then is Lambda's.
    lambda.configureAsyncInvoke({
      retryAttempts: 2,
      maxEventAge: Duration.hours(1),
      onFailure: new SqsDestination(unheard),
    });
    new Rule(this, 'Deaths', {
      description: `${settings.name}: executions of conditional jobs that died`,
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [this.machine.stateMachineArn], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
      },
      targets: [
        new LambdaFunction(lambda, {
          event: RuleTargetInput.fromObject({
            action: 'execution-ended',
            job_id: EventField.fromPath('$.detail.name'),
          }),
          deadLetterQueue: unheard,
        }),
      ],
    });
    new LossAlarm(this, 'DeathUnheard', {
      settings,
      says: 'run-chain did not learn that an execution died; the sweep finds it.',
      metric: unheard.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: alarmPeriod }),
    });
    return unheard;
  }
}
