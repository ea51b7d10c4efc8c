// What this API is, as OpenAPI. Larger than the function that tells it, so it is loaded when somebody asks.
import openApi from '../../docs/openapi.json' with { type: 'json' };

export const apiDescription: string = JSON.stringify(openApi);
