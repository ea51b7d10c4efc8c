// From the HTTP API to the functions: one route for each entry of functions/runtime/routes.ts. All else reaches
// reroute-request.
import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnStage, HttpMethod, HttpRoute, HttpRouteKey } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { fullPath, type HttpFunction, type Route, routes } from '../functions/runtime/routes.ts';
import type { Ground } from './abilities.ts';
import { alarmPeriod, LossAlarm } from './alarms.ts';
import { accept, BundleFunction } from './bundle-function.ts';

const routeKeyOf = (route: Route): string => `${route.method} ${fullPath(route)}`;

/** LEIA's reads answer 5xx while LEIA is away; a few of these are no loss. */
const serverErrors = 20;
/** A key costs a login at LEIA. */
const logins = routes.filter(({ path }) => path.startsWith('/login')).map(routeKeyOf);
/** Forged ones must not use up what clients may ask. */
const callbacks = routes.filter(({ by }) => by === 'receive-callback').map(routeKeyOf);

export interface HttpRoutesProps {
  ground: Ground;
  functions: ReadonlyMap<HttpFunction, BundleFunction>;
}

export class HttpRoutes extends Construct {
  constructor(scope: Construct, id: string, { ground, functions }: HttpRoutesProps) {
    super(scope, id);
    const { settings, state } = ground;
    const httpApi = state.api.api;
    accept(
      this,
      'AwsSolutions-APIG4',
      'The functions check LEIA’s `token` header, or a callback’s MAC, themselves (D9, D10).',
    );

    const integrations = new Map([...functions].map(([name, lambda]) => [name, integrationOf(lambda)]));
    const served = routes.flatMap((route) => {
      const integration = integrations.get(route.by);
      const routeKey = HttpRouteKey.with(fullPath(route), HttpMethod[route.method]);
      return integration ? [new HttpRoute(this, routeKeyOf(route), { httpApi, routeKey, integration })] : [];
    });
    const reroute = new BundleFunction(this, 'reroute-request', { ground, abilities: [] });
    knowFunctions(reroute, functions);
    const integration = new HttpLambdaIntegration(reroute.name, reroute.lambda);
    const rest = new HttpRoute(this, 'Rest', { httpApi, routeKey: HttpRouteKey.DEFAULT, integration });

    this.#stage(ground).node.addDependency(...served, rest);
    new LossAlarm(this, 'ServerErrors', {
      settings,
      says: 'Clients, or LEIA’s callbacks, get answers of 5xx.',
      metric: httpApi.metricServerError({ statistic: Stats.SUM, period: alarmPeriod }),
      atLeast: serverErrors,
    });
  }

  #stage({ settings, state }: Ground): CfnStage {
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: settings.logRetentionDays,
      removalPolicy: settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    return new CfnStage(this, 'Stage', {
      apiId: state.api.api.apiId,
      stageName: '$default',
      autoDeploy: true,
      accessLogSettings: { destinationArn: accessLog.logGroupArn, format: accessLogFormat },
      defaultRouteSettings: throttling(settings.requestsPerSecond),
      routeSettings: Object.fromEntries([
        ...logins.map((key) => [key, inTemplate(throttling(settings.loginsPerSecond))]),
        ...callbacks.map((key) => [key, inTemplate(throttling(settings.callbacksPerSecond))]),
      ]),
    });
  }
}

/**
 * One permission for all paths of the API, which is ours, instead of one for each route. It does not reach the route
 * `$default`, whose ARN has no path.
 */
const integrationOf = ({ name, lambda }: BundleFunction): HttpLambdaIntegration =>
  new HttpLambdaIntegration(name, lambda, { scopePermissionToRoute: false });

/** Lets `reroute-request` ask the function that a request was meant for. */
const knowFunctions = (reroute: BundleFunction, functions: ReadonlyMap<HttpFunction, BundleFunction>): void => {
  const lambdas = [...functions].map(([name, { lambda }]) => [name, lambda] as const);
  reroute.allow(['lambda:InvokeFunction'], ...lambdas.map(([, { functionArn }]) => functionArn));
  const names = Object.fromEntries(lambdas.map(([name, { functionName }]) => [name, functionName]));
  reroute.tell({ FUNCTION_NAMES: Stack.of(reroute).toJsonString(names) });
};

const throttling = (perSecond: number): CfnStage.RouteSettingsProperty => ({
  throttlingRateLimit: perSecond,
  throttlingBurstLimit: 2 * perSecond,
});

/** Settings of single routes are plain JSON to the CDK, which leaves their names as they are. */
const inTemplate = ({ throttlingRateLimit, throttlingBurstLimit }: CfnStage.RouteSettingsProperty) => ({
  ThrottlingRateLimit: throttlingRateLimit,
  ThrottlingBurstLimit: throttlingBurstLimit,
});

/** Paths hold API keys and MACs: the route says enough. */
const accessLogFormat = JSON.stringify({
  time: '$context.requestTime',
  request_id: '$context.requestId',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  milliseconds: '$context.responseLatency',
  function_status: '$context.integration.status',
  function_milliseconds: '$context.integrationLatency',
  error: '$context.error.message',
  ip: '$context.identity.sourceIp',
});
