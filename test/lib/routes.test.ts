// The HTTP API as API Gateway will understand it.
import { Match, Template } from 'aws-cdk-lib/assertions';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { fullPath, routes } from '../../functions/runtime/routes.ts';
import { deployment, resources } from './support/stacks.ts';

const { service } = deployment();
const template = Template.fromStack(service);

const Route = z.object({ RouteKey: z.string() });
const routeKeys = [...resources(template, 'AWS::ApiGatewayV2::Route').values()].map(
  ({ Properties }) => Route.parse(Properties).RouteKey,
);

/** As API Gateway tells routes apart: a variable is a variable, whatever its name. */
const shapeOf = (key: string): string => key.replaceAll(/\{\w+\}/g, '{}');

test('every path is a route, and all else is one more', () => {
  const served = routes.map((route) => `${route.method} ${fullPath(route)}`);
  expect(routeKeys.toSorted()).toEqual([...served, '$default'].toSorted());
});

test('no two routes are the same to API Gateway', () => {
  expect(new Set(routeKeys.map(shapeOf)).size).toBe(routeKeys.length);
});

test('the stage comes after the routes that it throttles', () => {
  const [stage] = Object.values(template.findResources('AWS::ApiGatewayV2::Stage'));
  expect(stage?.DependsOn).toEqual(expect.arrayContaining([...resources(template, 'AWS::ApiGatewayV2::Route').keys()]));
});

test('logins and callbacks are throttled apart: a key costs a login at LEIA, forged callbacks take nothing from clients', () => {
  const { service: throttled } = deployment({
    requestsPerSecond: '400',
    loginsPerSecond: '7',
    callbacksPerSecond: '30',
  });
  const logins = { ThrottlingRateLimit: 7, ThrottlingBurstLimit: 14 };
  Template.fromStack(throttled).hasResourceProperties('AWS::ApiGatewayV2::Stage', {
    DefaultRouteSettings: { ThrottlingRateLimit: 400, ThrottlingBurstLimit: 800 },
    RouteSettings: Match.objectEquals({
      'POST /leia/1.0.0/login': logins,
      'GET /leia/1.0.0/login/{api_key}': logins,
      'POST /callbacks/{job_id}/{mac}': { ThrottlingRateLimit: 30, ThrottlingBurstLimit: 60 },
    }),
  });
});

test('API Gateway may call the functions for every path, and reroute-request for the rest', () => {
  const Permission = z.object({
    FunctionName: z.object({ 'Fn::GetAtt': z.array(z.string()) }),
    SourceArn: z.object({ 'Fn::Join': z.tuple([z.literal(''), z.array(z.unknown())]) }),
  });
  const permissions = [...resources(template, 'AWS::Lambda::Permission').values()].flatMap(({ Properties }) => {
    if (Properties.Principal !== 'apigateway.amazonaws.com') return [];
    const { FunctionName, SourceArn } = Permission.parse(Properties);
    return [{ lambda: FunctionName['Fn::GetAtt'][0] ?? '', arn: SourceArn['Fn::Join'][1].at(-1) }];
  });
  const rest = permissions.filter(({ lambda }) => lambda.includes('reroute'));
  expect(rest.map(({ arn }) => arn)).toEqual(['/*/*']);
  const paths = permissions.filter(({ lambda }) => !lambda.includes('reroute'));
  expect(paths.map(({ arn }) => arn)).toEqual(paths.map(() => '/*/*/*'));
});

test('callbacks run in a concurrency of their own, which a flood does not leave; all else shares the account’s', () => {
  const concurrencies = (settings: Record<string, string>) => {
    const lambdas = resources(Template.fromStack(deployment(settings).service), 'AWS::Lambda::Function').values();
    return Object.fromEntries(
      [...lambdas].flatMap(({ Properties: { FunctionName, ReservedConcurrentExecutions: reserved } }) =>
        reserved === undefined ? [] : [[String(FunctionName), reserved]],
      ),
    );
  };
  expect(concurrencies({})).toEqual({ 'leia-jobs-receive-callback': 20 });
  expect(concurrencies({ receiveConcurrency: '7' })).toEqual({ 'leia-jobs-receive-callback': 7 });
  expect(concurrencies({ receiveConcurrency: '0' })).toEqual({});
});
