// Applications and sessions on DynamoDB (D9), in the table of the jobs.
import {
  DeleteItemCommand,
  type DynamoDBClient,
  PutItemCommand,
  paginateQuery,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { Absence } from '../jobs/absence.ts';
import { Breaker, closed } from '../jobs/breaker.ts';
import { type Access, Application, Session } from './access.ts';
import { againOnConflict, heldCondition } from './conflicts.ts';
import { fromItems, itemAt, toItem } from './table-client.ts';

type AccessTable = { client: DynamoDBClient; tableName: string };
type Key = { pk: string; sk: string };

const sessionKey = (tokenHash: string): Key => ({ pk: `SESSION#${tokenHash}`, sk: 'SESSION' });
const applicationKey = (id: string): Key => ({ pk: `APPLICATION#${id}`, sk: 'APPLICATION' });
const apiKeyKey = (keyHash: string): Key => ({ pk: `KEY#${keyHash}`, sk: 'KEY' });
/** One partition with an item for each application, so that all of them can be found. */
const directory = 'APPLICATIONS';
/** Likewise for those that the bundle does not serve, with the admin who saw them. */
const strangersDirectory = 'STRANGERS';

const watermarkPrefix = 'watermark_';

/** An APPLICATION item; one that only has a breaker, a lease or watermarks is none yet. Watermarks: `watermark_<lane>`. */
const ApplicationItem = z.looseObject({
  /** JSON text: LEIA's own, with numbers and keys that a table need not understand. */
  application: z.string().optional(),
  key_hash: z.string().optional(),
  breaker: Breaker.optional(),
  absence: Absence.optional(),
});
const DirectoryItem = z.object({ sk: z.string() });
const StrangerItem = z.object({ admin: z.string() });
const KeyItem = z.object({ application_id: z.string() });

/** @throws the SDK's errors when AWS does not answer. */
export const accessTable = (table: AccessTable): Access => ({
  ...sessions(table),
  ...applications(table),
  ...strangers(table),
  ...breakers(table),
  ...absences(table),
  ...sweeping(table),
});

const sessions = (table: AccessTable): Pick<Access, 'openSession' | 'session' | 'slideSession' | 'closeSession'> => ({
  async openSession(tokenHash, session) {
    await put(table, { ...sessionKey(tokenHash), ...session, ttl: session.expires_at });
  },

  async session(tokenHash, nowSeconds) {
    const item = await itemAt(table, sessionKey(tokenHash));
    const session = item && Session.parse(item);
    return session && session.expires_at > nowSeconds ? session : undefined;
  },

  /** Never opens a closed session again, nor makes a life shorter. */
  async slideSession(tokenHash, expiresAt) {
    await heldCondition(
      update(table, sessionKey(tokenHash), {
        UpdateExpression: 'SET expires_at = :at, #ttl = :at',
        ConditionExpression: 'expires_at < :at',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: { ':at': expiresAt },
      }),
    );
  },

  async closeSession(tokenHash) {
    const command = new DeleteItemCommand({ TableName: table.tableName, Key: toItem(sessionKey(tokenHash)) });
    await table.client.send(command);
  },
});

const applications = (
  table: AccessTable,
): Pick<Access, 'saveApplication' | 'application' | 'applicationIds' | 'applicationIdOfKey' | 'keyHashOf'> => ({
  /** The key comes last: once it leads to an application, that is there. */
  async saveApplication({ api_key: _never, ...application }, keyHash) {
    await update(table, applicationKey(application.id), {
      UpdateExpression: 'SET application = :application, key_hash = :key_hash',
      ExpressionAttributeValues: { ':application': JSON.stringify(application), ':key_hash': keyHash },
    });
    await put(table, { pk: directory, sk: application.id });
    await put(table, { ...apiKeyKey(keyHash), application_id: application.id });
  },

  async application(id) {
    const { application } = await applicationItem(table, id);
    return application === undefined ? undefined : Application.parse(JSON.parse(application));
  },

  applicationIds: () => idsIn(table, directory),

  async applicationIdOfKey(keyHash) {
    const item = await itemAt(table, apiKeyKey(keyHash));
    return item && KeyItem.parse(item).application_id;
  },

  keyHashOf: async (applicationId) => (await applicationItem(table, applicationId)).key_hash,
});

const strangers = (table: AccessTable): Pick<Access, 'noteStranger' | 'strangers' | 'adminOf'> => ({
  async noteStranger(applicationId, admin) {
    await put(table, { pk: strangersDirectory, sk: applicationId, admin });
  },

  strangers: () => idsIn(table, strangersDirectory),

  async adminOf(stranger) {
    const item = await itemAt(table, { pk: strangersDirectory, sk: stranger });
    return item && StrangerItem.parse(item).admin;
  },
});

const idsIn = async ({ client, tableName }: AccessTable, pk: string): Promise<string[]> => {
  const pages = paginateQuery(
    { client },
    {
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: toItem({ ':pk': pk }),
    },
  );
  const items = await Array.fromAsync(pages, ({ Items }) => fromItems(Items));
  return z
    .array(DirectoryItem)
    .parse(items.flat())
    .map(({ sk }) => sk);
};

const breakers = (table: AccessTable): Pick<Access, 'breaker' | 'changeBreaker'> => ({
  breaker: async (applicationId) => (await applicationItem(table, applicationId)).breaker ?? closed,

  changeBreaker: (applicationId, decide) =>
    againOnConflict(`The breaker of application ${applicationId}`, async () => {
      const { breaker } = await applicationItem(table, applicationId);
      const after = decide(breaker ?? closed);
      if (after !== undefined) await replace(table, applicationId, { attribute: 'breaker', before: breaker, after });
      return after ?? breaker ?? closed;
    }),
});

const absences = (table: AccessTable): Pick<Access, 'absence' | 'changeAbsence'> => ({
  absence: async (applicationId) => (await applicationItem(table, applicationId)).absence ?? {},

  changeAbsence: (applicationId, decide) =>
    againOnConflict(`What is known of absences at application ${applicationId}`, async () => {
      const { absence } = await applicationItem(table, applicationId);
      const after = decide(absence ?? {});
      if (after !== undefined) await replace(table, applicationId, { attribute: 'absence', before: absence, after });
      return after ?? absence ?? {};
    }),
});

/** On condition that the attribute is still what was decided on. */
const replace = (
  table: AccessTable,
  applicationId: string,
  { attribute, before, after }: { attribute: 'breaker' | 'absence'; before: object | undefined; after: object },
) =>
  update(table, applicationKey(applicationId), {
    UpdateExpression: 'SET #it = :after',
    ConditionExpression: before ? '#it = :before' : 'attribute_not_exists(#it)',
    ExpressionAttributeNames: { '#it': attribute },
    ExpressionAttributeValues: { ':after': after, ...(before ? { ':before': before } : {}) },
  });

const sweeping = (table: AccessTable): Pick<Access, 'takeLease' | 'dropLease' | 'watermarks' | 'moveWatermark'> => ({
  takeLease: (applicationId, owner, now, until) =>
    heldCondition(
      update(table, applicationKey(applicationId), {
        UpdateExpression: 'SET lease_owner = :owner, lease_until = :until',
        ConditionExpression: 'attribute_not_exists(lease_until) OR lease_until <= :now OR lease_owner = :owner',
        ExpressionAttributeValues: { ':owner': owner, ':until': until, ':now': now },
      }),
    ),

  async dropLease(applicationId, owner) {
    await heldCondition(
      update(table, applicationKey(applicationId), {
        UpdateExpression: 'REMOVE lease_owner, lease_until',
        ConditionExpression: 'lease_owner = :owner',
        ExpressionAttributeValues: { ':owner': owner },
      }),
    );
  },

  async watermarks(applicationId) {
    const item = await applicationItem(table, applicationId);
    const marks = Object.entries(item).filter(([name]) => name.startsWith(watermarkPrefix));
    return z
      .record(z.string(), z.number())
      .parse(Object.fromEntries(marks.map(([name, at]) => [name.slice(watermarkPrefix.length), at])));
  },

  async moveWatermark(applicationId, lane, to) {
    await heldCondition(
      update(table, applicationKey(applicationId), {
        UpdateExpression: 'SET #mark = :to',
        ConditionExpression: 'attribute_not_exists(#mark) OR #mark < :to',
        ExpressionAttributeNames: { '#mark': watermarkPrefix + lane },
        ExpressionAttributeValues: { ':to': to },
      }),
    );
  },
});

const put = ({ client, tableName }: AccessTable, item: Key & Record<string, unknown>) =>
  client.send(new PutItemCommand({ TableName: tableName, Item: toItem(item) }));

const applicationItem = async (table: AccessTable, id: string): Promise<z.infer<typeof ApplicationItem>> =>
  ApplicationItem.parse((await itemAt(table, applicationKey(id))) ?? {});

type Change = Omit<UpdateItemCommandInput, 'TableName' | 'Key' | 'ExpressionAttributeValues'> & {
  ExpressionAttributeValues?: Record<string, unknown>;
};

const update = (
  { client, tableName }: AccessTable,
  key: Key,
  { ExpressionAttributeValues: values, ...change }: Change,
) =>
  client.send(
    new UpdateItemCommand({
      TableName: tableName,
      Key: toItem(key),
      ...change,
      ...(values ? { ExpressionAttributeValues: toItem(values) } : {}),
    }),
  );
