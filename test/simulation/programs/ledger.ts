// What the clients of a run asked for and were told: the invariants hold it against the mirror and LEIA.
import { isFinished, rank, type Status } from '../../../functions/jobs/job.ts';

/** A submission, sent once or, with a key, several times. */
export type Asked = {
  /** Its callback URL names it. */
  name: string;
  application: string;
  kind: 'transform' | 'apply' | 'train' | 'conditional';
  documents: string[];
  /** Our id of the job that it comes after. */
  after?: string;
  pageRange?: string;
  rules?: Record<string, Rule>;
  key?: string;
  blocked: boolean;
  path: string;
  body: Record<string, unknown>;
  /** Ids that answers gave; more than one is a mistake. */
  ids: Set<string>;
  /** When (epoch milliseconds) its cancellation was answered with 204. */
  cancelledAt?: number;
};

export type Entry = {
  job_type: 'apply_model' | 'transform';
  document_ids?: string[];
  model_id?: string;
  format_type?: string;
  output_type?: string;
};
export type Rule = { conditions?: Record<string, unknown>; jobs: Entry[] };

export type Ledger = {
  asked: Asked[];
  violations: string[];
  /** Ids of jobs whose cancellation was asked for, whatever came of it. */
  cancelled: Set<string>;
  /** Notes a status in an answer, asked for when `before` was the furthest that had been seen. */
  saw(id: string, status: Status, before: Status | undefined): void;
  furthest(id: string): Status | undefined;
  /** Whose programs know a job by this id. */
  known(application: string): string[];
  /** How many requests clients have made that may ask LEIA: logins, and looks that want no old news. */
  requests(): number;
  asksLeia(): void;
  byId(id: string): Asked | undefined;
};

export const ledgerOf = (): Ledger => {
  const seen = new Map<string, Status>();
  const asked: Asked[] = [];
  let requests = 0;
  const violations: string[] = [];
  return {
    asked,
    violations,
    requests: () => requests,
    asksLeia: () => {
      requests += 1;
    },
    cancelled: new Set(),
    furthest: (id) => seen.get(id),
    saw: (id, status, before) => {
      if (before && (rank(status) < rank(before) || (isFinished({ status: before }) && status !== before)))
        violations.push(`a client read ${status} of job ${id} after ${before}`);
      const now = seen.get(id);
      if (!now || rank(status) > rank(now)) seen.set(id, status);
    },
    known: (application) => asked.filter((one) => one.application === application).flatMap(({ ids }) => [...ids]),
    byId: (id) => asked.find(({ ids }) => ids.has(id)),
  };
};
