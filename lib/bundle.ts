// The two stacks of a deployment, checked by cdk-nag at every synthesis.
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { type Settings, settingsOf } from './config.ts';
import { ServiceStack } from './service-stack.ts';
import { StateStack } from './state-stack.ts';

export interface Stacks {
  settings: Settings;
  state: StateStack;
  service: ServiceStack;
}

/**
 * Adds the stacks that an app's context asks for.
 * @throws WrongSettings
 */
export const addStacks = (app: App): Stacks => {
  const settings = settingsOf(app.node.getAllContext());
  const description = `LEIA jobs from your own account: ${settings.name}`;
  const state = new StateStack(app, `${settings.name}-state`, {
    settings,
    description: `${description}: what is kept`,
  });
  const service = new ServiceStack(app, `${settings.name}-service`, {
    ground: { settings, state },
    description: `${description}: what works`,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { settings, state, service };
};
