// Stands for @aws-sdk/middleware-endpoint-discovery in the bundles: DynamoDB's client as it is with discovery off.

/** The client's configuration, with nothing added. */
export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config;

/** Nowhere is anything said about it. */
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: () => undefined,
  configFileSelector: () => undefined,
  default: undefined,
};
