import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { largeAnswers } from '../../functions/adapters/large-answers.ts';
import { id } from '../support/jobs.ts';

type Put = { method: string; path: string; headers: Record<string, string>; body: unknown };

const kept = async (text: string) => {
  const puts: Put[] = [];
  const handle = async (request: Put) => {
    puts.push(request);
    return { response: { statusCode: 200, headers: {} } };
  };
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret', sessionToken: 'of a role' };
  const s3 = new S3Client({ region: 'eu-west-1', credentials, requestHandler: { handle } });
  const url = new URL(await largeAnswers({ s3, bucketName: 'bucket', addressSeconds: 300 }).keep(id(1), text));
  return { url, puts };
};

describe('an answer that is too large', () => {
  it('is put into the bucket whole, as JSON, under a key of its own', async () => {
    const { puts } = await kept('{"result":1.0}');
    expect(puts).toHaveLength(1);
    expect(puts[0]).toMatchObject({ method: 'PUT', headers: { 'content-type': 'application/json' } });
    expect(String(puts[0]?.body)).toBe('{"result":1.0}');
    expect(puts[0]?.path).toMatch(new RegExp(`^/answers/${id(1)}/[0-9a-f-]{36}$`));
    expect((await kept('{}')).puts[0]?.path).not.toBe(puts[0]?.path);
  });

  it('has an address that is good for as long as it is told, over TLS', async () => {
    const { url, puts } = await kept('{}');
    expect([url.protocol, url.pathname]).toEqual(['https:', puts[0]?.path]);
    expect(url.searchParams.get('X-Amz-Expires')).toBe('300');
  });

  it('is given whatever headers the client brings along: only the host is signed', async () =>
    expect((await kept('{}')).url.searchParams.get('X-Amz-SignedHeaders')).toBe('host'));
});
