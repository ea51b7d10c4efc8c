// The definition of the chains' state machine, as lib/chain.ts synthesizes it.
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import * as z from 'zod';
import { ChainMachine } from '../../lib/chain.ts';
import { settingsOf } from '../../lib/config.ts';

/** A stack with nothing but the machine and a function that it may call. */
const chainStack = (settings: Record<string, unknown> = {}): Stack => {
  const stack = new Stack(new App({ analyticsReporting: false }), 'chain');
  const runChain = new LambdaFunction(stack, 'run-chain', {
    code: Code.fromInline('exports.handler = async () => ({});'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
  });
  new ChainMachine(stack, 'Chain', {
    settings: settingsOf({ leiaUrl: 'https://leia.example', ...settings }),
    runChain,
  });
  return stack;
};

/** What is known only when the stack is deployed; only the partition matters to a definition. */
const Part = z.union([
  z.string(),
  z.object({ Ref: z.string() }).transform(() => 'aws'),
  z.unknown().transform(() => ''),
]);
const Machine = z.object({
  Properties: z.object({ DefinitionString: z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(Part)]) }) }),
});

/** The definition's text, with these settings of a deployment. */
export const chainDefinition = (settings: Record<string, unknown> = {}): string => {
  const machines = Template.fromStack(chainStack(settings)).findResources('AWS::StepFunctions::StateMachine');
  const [machine] = Object.values(machines);
  return Machine.parse(machine).Properties.DefinitionString['Fn::Join'][1].join('');
};
