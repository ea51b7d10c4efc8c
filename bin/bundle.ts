// The CDK app: `npx cdk deploy --all -c leiaUrl=https://…`.
import process from 'node:process';
import { App } from 'aws-cdk-lib';
import { addStacks } from '../lib/bundle.ts';
import { WrongSettings } from '../lib/config.ts';

try {
  addStacks(new App());
} catch (error) {
  if (!(error instanceof WrongSettings)) throw error;
  console.error(error.message);
  process.exit(1);
}
