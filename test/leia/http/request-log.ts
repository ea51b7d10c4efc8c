export const requestKinds = [
  'login',
  'logout',
  'whoami',
  'health',
  'submit',
  'get-job',
  'list-jobs',
  'statuses',
  'start',
  'cancel',
  'document',
  'model',
  'application',
  'worker',
  'other',
] as const;
export type RequestKind = (typeof requestKinds)[number];

export type LoggedRequest = {
  method: string;
  /** After the base path, percent-decoded, without the query. */
  path: string;
  query: string;
  kind: RequestKind;
  /** Milliseconds of LEIA's clock. */
  time: number;
  /** What came back: a status, or how the connection ended. */
  outcome: number | 'refused' | 'cut' | 'unanswered';
};

const kinds: { kind: RequestKind; method?: string; path: RegExp }[] = [
  { kind: 'login', path: /^\/login/ },
  { kind: 'logout', path: /^\/logout$/ },
  { kind: 'whoami', path: /^\/whoami$/ },
  { kind: 'health', path: /^\/health$/ },
  {
    kind: 'submit',
    method: 'POST',
    path: /^\/(model\/[^/]+\/(apply|train)|document\/[^/]+\/transform|job\/conditional)\//,
  },
  { kind: 'start', method: 'POST', path: /^\/job\/[^/]+\/start$/ },
  { kind: 'statuses', method: 'GET', path: /^\/job\/[^/]+\/status$/ },
  { kind: 'cancel', method: 'DELETE', path: /^\/job\/[^/]+$/ },
  { kind: 'get-job', method: 'GET', path: /^\/job\/[^/]+$/ },
  { kind: 'list-jobs', method: 'GET', path: /^\/job$/ },
  { kind: 'document', path: /^\/document(\/|$)/ },
  { kind: 'model', path: /^\/model(\/|$)/ },
  { kind: 'application', path: /^\/application(\/|$)/ },
  { kind: 'worker', path: /^\/worker(\/|$)/ },
];

/** `/admin/job`, and `/admin/{id}/job/…`, are of the same kind as their plain twins. */
const withoutAdmin = (path: string): string =>
  path.replace(/^\/admin(?:\/[^/]+(?=\/(?:job|model|document)(?:\/|$)))?(?=\/)/, '');

export const kindOf = (method: string, path: string): RequestKind => {
  const twin = withoutAdmin(path);
  return kinds.find((kind) => kind.path.test(twin) && (kind.method ?? method) === method)?.kind ?? 'other';
};

export const countByKind = (log: LoggedRequest[]): Record<RequestKind, number> => {
  const counts = Object.fromEntries(requestKinds.map((kind) => [kind, 0])) as Record<RequestKind, number>;
  for (const { kind } of log) counts[kind] += 1;
  return counts;
};
