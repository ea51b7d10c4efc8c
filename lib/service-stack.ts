// What works on the state (D15): it may be updated, or deleted and deployed again, at will.
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { basePath } from '../functions/runtime/routes.ts';
import type { Ground } from './abilities.ts';
import { LeiaAlarms } from './alarms.ts';
import { CallbackDelivery } from './callbacks.ts';
import { Chains } from './chains.ts';
import { Dashboard } from './dashboard.ts';
import { HttpFunctions } from './http-functions.ts';
import { HttpRoutes } from './http-routes.ts';
import { MirrorStream } from './mirror-stream.ts';
import { Repair } from './repair.ts';
import { Sender } from './submissions.ts';
import { Sweeps } from './sweeps.ts';

export class ServiceStack extends Stack {
  constructor(scope: Construct, id: string, { ground, ...props }: StackProps & { ground: Ground }) {
    super(scope, id, props);
    const { byName: functions } = new HttpFunctions(this, 'HttpFunctions', ground);
    new HttpRoutes(this, 'Routes', { ground, functions });
    const { followMirror } = new MirrorStream(this, 'Mirror', ground);
    new Sender(this, 'Sender', ground);
    new CallbackDelivery(this, 'Callbacks', ground);
    const { runChain, machine, unheard } = new Chains(this, 'Chains', ground);
    const { sweepJobs, missed } = new Sweeps(this, 'Sweeps', ground);
    const { repairJobs } = new Repair(this, 'Repair', ground);
    new LeiaAlarms(this, 'Leia', ground.settings);
    if (ground.settings.dashboard) new Dashboard(this, 'Watch', { ground, machine });

    new CfnOutput(this, 'BaseUrl', { value: ground.state.api.endpoint + basePath });
    // What `npx leia-jobs` works with.
    new CfnOutput(this, 'SweepFunctionName', { value: sweepJobs.lambda.functionName });
    new CfnOutput(this, 'FollowFunctionName', { value: followMirror.lambda.functionName });
    new CfnOutput(this, 'ChainFunctionName', { value: runChain.lambda.functionName });
    new CfnOutput(this, 'RepairFunctionName', { value: repairJobs.lambda.functionName });
    new CfnOutput(this, 'StateMachineArn', { value: machine.stateMachineArn });
    new CfnOutput(this, 'MissedSweepsQueueUrl', { value: missed.queueUrl });
    new CfnOutput(this, 'UnheardDeathsQueueUrl', { value: unheard.queueUrl });
  }
}
