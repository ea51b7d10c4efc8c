// Jobs that somebody starts at LEIA directly: the mirror takes them in.

import { submit } from '../../leia/rules/submit.ts';
import { START } from '../kernel/scheduler.ts';
import { applications } from '../leia/leia.ts';
import type { Stage } from '../run.ts';

export const startStrangers = (stage: Stage): void => {
  const { scheduler, chance, leia, until } = stage;
  const [application] = applications;
  // One that the bundle's clients do not use: a job without a callback URL may pass for theirs by its content (D2).
  const document = leia.documents.get(application?.id ?? '')?.at(-1) ?? '';
  if (!application || document === '') return;
  for (let nth = chance.below(3); nth > 0; nth -= 1) {
    const start = (): void => {
      leia.wake();
      submit(leia.world, {
        submitter: application,
        owner: application,
        work: { kind: 'transform', output_type: 'text', output_tag: null, params: {} },
        documentIds: [document],
        tag: null,
        pageRange: null,
        executeAfterId: null,
        callbackUrl: chance.happens(0.5) ? 'https://somebody.test/callback' : null,
        callbackHeaders: {},
        blockProcessing: false,
      });
      leia.wake();
    };
    scheduler.after(chance.below(until - START), () => 'somebody starts a job at LEIA', start);
  }
};
