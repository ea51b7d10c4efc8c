// Stands for @aws-sdk/credential-provider-node in the bundles: of all places that credentials may come from, the one
// where Lambda puts them, once for each container.
import { fromEnv } from '@aws-sdk/credential-provider-env';

type Provider = ReturnType<typeof fromEnv>;

export const defaultProvider = (...options: Parameters<typeof fromEnv>): Provider => {
  const read = fromEnv(...options);
  let known: ReturnType<Provider> | undefined;
  return () => {
    known ??= read();
    return known;
  };
};
