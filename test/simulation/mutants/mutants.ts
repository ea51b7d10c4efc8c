// Mistakes that the simulation must find. Each changes a few words of one file while that is loaded; see plant.ts.

export type Mutant = {
  /** What is wrong then. */
  what: string;
  /** From the root of the repository. */
  file: string;
  /** Text that is in the file once. */
  from: string;
  to: string;
};

export const mutants: Record<string, Mutant> = {
  'one-sided-handshake': {
    what: 'a held job that is recorded after its prerequisite has ended is let go by the sweep only',
    file: 'functions/jobs/effects.ts',
    from: '...(mayGo(before, after) ?',
    to: '...(false ?',
  },
  'dedupe-before-effect': {
    what: 'follow-ups are marked as done before they are, and what is marked is not done again',
    file: 'functions/acts/follow.ts',
    from: '  await performAll(deps, job, effects);\n  if (job.follow_up_due !== undefined) await deps.mirror.change(job.id, followedUp);',
    to: '  if (job.follow_up_due !== undefined && !(await deps.mirror.change(job.id, followedUp))?.after) return;\n  await performAll(deps, job, effects);',
  },
  'status-by-arrival': {
    what: 'the last observation of a job under way wins, whatever it was before',
    file: 'functions/jobs/observation.ts',
    from: 'if (!first && rank(seen.status) < rank(record.status))',
    to: 'if (false)',
  },
  'no-orphan-check': {
    what: 'a doubtful attempt is repeated without a look for what it left at LEIA',
    file: 'functions/acts/sweep-unsent.ts',
    from: 'const found = orphans.value.get(job.id) ?? [];',
    to: 'const found: LeiaJob[] = [];',
  },
  'doubt-is-none': {
    what: 'an attempt without a clear answer counts as not sent',
    file: 'functions/jobs/sending.ts',
    from: "...(attempt.outcome === 'doubtful' ? { doubt_since: record.doubt_since ?? instant(now) } : {}),",
    to: '',
  },
  'unbound-observation-applied': {
    what: 'an observation of a LEIA job that is not the bound one is applied',
    file: 'functions/jobs/observation.ts',
    from: 'record.leia_id === undefined ? isFinished(record) : record.leia_id !== seen.leiaId',
    to: 'record.leia_id === undefined && isFinished(record)',
  },
  'floating-publish': {
    what: 'an event is still on its way when the function answers',
    file: 'functions/acts/follow.ts',
    from: 'return deps.events.publish(',
    to: 'return void deps.events.publish(',
  },
  'lease-for-ever': {
    what: 'a lease does not end by itself',
    file: 'test/support/memory-access.ts',
    from: 'lease.owner !== owner && lease.until > now',
    to: 'lease.owner !== owner',
  },
  'stale-owner-writes': {
    what: 'whoever has read a job writes it, whoever has written it since',
    file: 'test/support/memory-mirror.ts',
    from: 'stored.get(before.id)?.version === before.version ?',
    to: 'stored.has(before.id) ?',
  },
  'missed-window': {
    what: 'a sweep looks at jobs of the first age only',
    file: 'functions/jobs/lanes.ts',
    from: 'for (let age = firstSeconds * 1000; age <= oldest; ) {\n    found.push(age);',
    to: 'for (let age = firstSeconds * 1000; age <= oldest; ) {\n    if (found.length === 0) found.push(age);',
  },
  'dropped-stream-failure': {
    what: 'a change that could not be followed counts as followed',
    file: 'functions/follow-mirror.ts',
    from: "      if (index === 0) throw error;\n      return { batchItemFailures: [{ itemIdentifier: record.dynamodb?.SequenceNumber ?? '' }] };\n",
    to: '',
  },
  'cancel-forgets-attempt': {
    what: 'a cancel ends a job of which an attempt is on its way to LEIA, or in doubt',
    file: 'functions/jobs/intents.ts',
    from: 'return mayBeAtLeia(job) ?',
    to: "return job.stage === 'bound' ?",
  },
  'cancel-stays-with-us': {
    what: 'a cancel that LEIA did not hear is not repeated',
    file: 'functions/acts/sweep-owed.ts',
    from: 'for (const job of jobs) await honourIntents(deps, job);',
    to: '',
  },
  'start-cancels': {
    what: 'a start that LEIA has not confirmed yet is asked of it as a cancel',
    file: 'functions/acts/honour-intents.ts',
    from: '(job.cancel_requested_at !== undefined ? cancelAtLeia : startAtLeia)',
    to: 'cancelAtLeia',
  },
  'cancel-leaves-children': {
    what: 'a cancelled chain leaves its children running',
    file: 'functions/acts/stop-chain.ts',
    from: 'if (isFinished(child)) continue;',
    to: 'continue;',
  },
  'step-unanswered': {
    what: 'a step that is asked again does not hear that its child has ended',
    file: 'functions/acts/record-step.ts',
    from: "if (isFinished(child)) await deps.chains.answer(task_token, child.status === 'PROCESSED');",
    to: 'if (isFinished(child)) return true;',
  },
  'token-of-the-first-call': {
    what: 'a step that is asked again does not give its child the new token',
    file: 'functions/acts/record-step.ts',
    from: '(isFinished(job) ? undefined : { ...job, task_token })',
    to: '(isFinished(job) ? undefined : undefined)',
  },
  'absent-at-once': {
    what: 'one 404 ends a job',
    file: 'functions/jobs/sending.ts',
    from: 'if (record.absent_since === undefined) return { ...record, absent_since: instant(now) };',
    to: 'if (record.absent_since === undefined) return failAbsent(record, now);',
  },
  'absence-forgotten': {
    what: 'a job that LEIA has lost is waited for',
    file: 'functions/jobs/sending.ts',
    from: '+ confirmSeconds * 1000 <= now ? failAbsent(record, now) : undefined;',
    to: '+ confirmSeconds * 1000 <= now ? undefined : undefined;',
  },
  'duplicate-runs-on': {
    what: 'a LEIA job that does not count is left running',
    file: 'functions/acts/observe-job.ts',
    from: 'if (!isFinished(seen)) await leia.cancel(seen.leiaId);',
    to: '',
  },
  'key-means-nothing': {
    what: 'an Idempotency-Key does not make the id',
    file: 'functions/acts/accept-submission.ts',
    from: 'key === undefined ? mintId(deps.now(), deps.random) : idOfKey(submitter, key, sha256)',
    to: 'mintId(deps.now(), deps.random)',
  },
  'breaker-stays-open': {
    what: 'an open breaker lets no probe through',
    file: 'functions/jobs/breaker.ts',
    from: "return breaker.open_until > now ? 'no' : 'probe';",
    to: "return 'no';",
  },
  'previous-secret-refused': {
    what: 'after a rotation nothing signed with the secret before counts',
    file: 'functions/adapters/callback-keys.ts',
    from: '(previous !== undefined && isMac(mac, jobId, previous))',
    to: '(previous !== undefined && false)',
  },
  'submission-repeated-blindly': {
    what: 'a submission whose answer was cut is sent again at once',
    file: 'functions/adapters/leia-repeats.ts',
    from: "method === 'GET' || method === 'HEAD' || kind === 'login'",
    to: "method === 'GET' || method === 'HEAD' || kind === 'login' || kind === 'submit'",
  },
  'chain-never-swept': {
    what: 'a chain whose execution died unheard is not looked after',
    file: 'functions/acts/sweep-chains.ts',
    from: "if (state === 'ended') await failDeadChain(deps, id);",
    to: '',
  },
  'claim-never-expires': {
    what: 'an attempt whose sender died is waited for',
    file: 'functions/jobs/sending.ts',
    from: "record.stage === 'claimed' && (record.claimed_until ?? '') <= instant(now)",
    to: 'false',
  },
  'dead-token-sends': {
    what: 'LEIA hears of a submission whose token had ended',
    file: 'functions/acts/accept-submission.ts',
    from: "if (looked.status === 'rejected') {",
    to: "if (looked.status === 'rejected' && created.status === 'rejected') {",
  },
  'dead-token-swept': {
    what: 'a sweep goes on with a job whose token had ended before its function died',
    file: 'functions/acts/sweep-unsent.ts',
    from: 'token === undefined ||',
    to: 'true ||',
  },
  'child-of-an-ended-chain': {
    what: 'an entry becomes a job although its chain has ended meanwhile',
    file: 'test/support/memory-mirror.ts',
    from: "if (!parent || isFinished(parent)) return 'over';",
    to: "if (!parent) return 'over';",
  },
};
