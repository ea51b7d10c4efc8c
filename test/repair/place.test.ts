// Which deployment `leia-jobs` means.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placeOf } from '../../bin/repair/place.ts';

let directory: string;
let served: string;
let nothing: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'leia-jobs-place-'));
  served = join(directory, 'endpoint.json');
  nothing = join(directory, 'none.json');
  const endpoint = {
    aws_endpoint_url: 'http://127.0.0.1:4566',
    region: 'us-east-1',
    state_stack: 'here-state',
    service_stack: 'here-service',
    api_key: 'k',
  };
  await writeFile(served, JSON.stringify(endpoint));
});
afterAll(() => rm(directory, { recursive: true }));

const name = 'leia-jobs';

describe('the deployment', () => {
  it('is the one of that name in the AWS that the environment names, whatever runs here', async () => {
    const place = await placeOf({ name: 'other' }, { AWS_PROFILE: 'prod' }, served);
    expect(place).toEqual({ stateStack: 'other-state', serviceStack: 'other-service', isLocal: false, client: {} });
  });

  it('is the local run, where it is at work and no AWS is named, or it is asked for', async () => {
    const local = {
      stateStack: 'here-state',
      isLocal: true,
      client: { endpoint: 'http://127.0.0.1:4566', region: 'us-east-1' },
    };
    expect(await placeOf({ name }, { AWS_REGION: 'eu-west-1' }, served)).toMatchObject(local);
    expect(await placeOf({ name, local: true }, { AWS_PROFILE: 'prod' }, served)).toMatchObject(local);
  });

  it('is in AWS where no local run is at work, or AWS is asked for', async () => {
    expect((await placeOf({ name }, {}, nothing)).isLocal).toBe(false);
    expect((await placeOf({ name, aws: true }, {}, served)).isLocal).toBe(false);
  });

  it('lies in the region of AWS_DEFAULT_REGION, which the SDK does not know', async () => {
    expect((await placeOf({ name, aws: true }, { AWS_DEFAULT_REGION: 'eu-west-1' }, served)).client).toEqual({
      region: 'eu-west-1',
    });
  });

  it('never gets the credentials of an AWS account when it is an emulated one', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' };
    expect((await placeOf({ name, local: true }, env, served)).client.credentials).toEqual({
      accessKeyId: 'test',
      secretAccessKey: 'test',
    });
    const given = { ...env, AWS_ENDPOINT_URL: 'http://127.0.0.1:4566/' };
    expect((await placeOf({ name, local: true }, given, served)).client.credentials?.accessKeyId).toBe('AKIA');
  });

  it('must be there', async () => {
    await expect(placeOf({ name, local: true }, {}, nothing)).rejects.toThrow('there is no local run');
    await expect(placeOf({ name, local: true, aws: true }, {}, served)).rejects.toThrow('exclude each other');
  });
});
