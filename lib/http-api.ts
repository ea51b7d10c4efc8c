// The HTTP API itself (D15): its id is in every base URL and callback URL. What it serves is in http-routes.ts.
import { RemovalPolicy } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { Construct } from 'constructs';
import type { Settings } from './config.ts';

export class JobApi extends Construct {
  readonly api: HttpApi;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.api = new HttpApi(this, 'Api', {
      apiName: settings.name,
      description: "The paths of LEIA's own API, and its callbacks",
      // The stage belongs to the routes, which it throttles one by one.
      createDefaultStage: false,
    });
    this.api.applyRemovalPolicy(settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
  }

  /** Its address, without a trailing slash. */
  get endpoint(): string {
    return this.api.apiEndpoint;
  }
}
