// Whom the bundle lets in, and what it signs its callback URLs with (D9, D10). People fill it in.
import { RemovalPolicy } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { accept, type BundleFunction } from './bundle-function.ts';
import type { Settings } from './config.ts';

export class KeySecret extends Construct {
  readonly secret: Secret;
  /** As `aws secretsmanager` takes it. */
  readonly secretName: string;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.secretName = `${settings.name}-keys`;
    this.secret = new Secret(this, 'Secret', {
      secretName: this.secretName,
      description: `${settings.name}: API keys of the applications, and the secrets of LEIA's callback URLs`,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ applications: [] }),
        generateStringKey: 'callback_secret',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy: settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    accept(this, 'AwsSolutions-SMG4', 'It holds keys that LEIA gives out: nothing here could make new ones.');
  }

  giveTo(lambda: BundleFunction): void {
    lambda.allow(['secretsmanager:GetSecretValue'], this.secret.secretArn);
    lambda.tell({ SECRET_NAME: this.secret.secretArn });
    lambda.read('SECRET_MAX_AGE_SECONDS');
  }
}
