// LEIA's own Python SDK against the bundle on the emulated AWS.
import { expect, it } from 'vitest';
import { asLeiaWouldAnswer, hasPythonSdk, pythonJourney } from '../sdk/journey.ts';
import { emulatedGround } from './support/emulated-ground.ts';

it.skipIf(!hasPythonSdk())('a program with the Python SDK works with the base URL changed', async () =>
  expect(await pythonJourney(emulatedGround())).toEqual(asLeiaWouldAnswer),
);
