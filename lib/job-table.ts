// The mirror (D3): one table for jobs, sessions and applications, keyed as functions/adapters/table-schema.ts says.
import { RemovalPolicy } from 'aws-cdk-lib';
import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, BillingMode, ProjectionType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { indexes, tableKeys } from '../functions/adapters/table-schema.ts';
import { alarmPeriod, LossAlarm } from './alarms.ts';
import type { BundleFunction } from './bundle-function.ts';
import type { Settings } from './config.ts';

/** The SDK repeats a throttled request; an on-demand table throttles now and then while it grows. */
const throttleEvents = 20;

const text = (name: string) => ({ name, type: AttributeType.STRING });

export class JobTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, settings: Settings) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: text(tableKeys.partition),
      sortKey: text(tableKeys.sort),
      timeToLiveAttribute: tableKeys.ttl,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      deletionProtection: settings.retain,
      removalPolicy: settings.retain ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    for (const { name, partition, ...index } of Object.values(indexes)) {
      const sort = 'sort' in index ? { sortKey: text(index.sort) } : {};
      const projection =
        'include' in index
          ? { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...index.include] }
          : { projectionType: ProjectionType.KEYS_ONLY };
      this.table.addGlobalSecondaryIndex({ indexName: name, partitionKey: text(partition), ...sort, ...projection });
    }
    for (const metric of ['ReadThrottleEvents', 'WriteThrottleEvents'])
      new LossAlarm(this, metric, {
        settings,
        says: 'The table throttles: reads and writes of jobs are repeated, and some fail.',
        metric: this.table.metric(metric, { statistic: Stats.SUM, period: alarmPeriod }),
        atLeast: throttleEvents,
      });
  }

  /** Lets a function read and change jobs (functions/adapters/job-table.ts). */
  giveJobsTo(lambda: BundleFunction): void {
    this.#giveTo(lambda, 'BatchGetItem', 'ConditionCheckItem', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem');
    const { tableArn } = this.table;
    const indexArns = Object.values(indexes).map(({ name }) => `${tableArn}/index/${name}`);
    lambda.allow(['dynamodb:Query'], tableArn, ...indexArns);
    lambda.read('INDEX_SHARDS', 'RETENTION_DAYS', 'REFUSAL_MEMORY_SECONDS');
  }

  /** Lets a function read and change sessions and applications (functions/adapters/access-table.ts). */
  giveAccessTo(lambda: BundleFunction): void {
    this.#giveTo(lambda, 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'Query');
  }

  /** Lets Lambda read the stream of changes in a function's name; its ARN. */
  giveStreamTo(lambda: BundleFunction): string {
    const { tableStreamArn } = this.table;
    if (tableStreamArn === undefined) throw new Error('the table has no stream');
    const actions = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];
    lambda.allow(
      actions.map((action) => `dynamodb:${action}`),
      tableStreamArn,
    );
    return tableStreamArn;
  }

  #giveTo(lambda: BundleFunction, ...actions: readonly string[]): void {
    lambda.allow(
      actions.map((action) => `dynamodb:${action}`),
      this.table.tableArn,
    );
    lambda.tell({ TABLE_NAME: this.table.tableName });
  }
}
