// Stands for @aws-sdk/credential-provider-node in the bundles: of all places that credentials may come from, the one
// where Lambda puts them.
import { fromEnv } from '@aws-sdk/credential-provider-env';

export const defaultProvider = fromEnv;
