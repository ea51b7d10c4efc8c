// Every unfinished chain has an execution that runs, or it is given one, or it ends (D7).
import { describe, expect, it } from 'vitest';
import type { SweepDeps } from '../../functions/acts/sweep.ts';
import { sweepChains } from '../../functions/acts/sweep-chains.ts';
import type { Chains, ChainWatch } from '../../functions/adapters/chains.ts';
import type { Status } from '../../functions/jobs/job.ts';
import { CHAIN, chainScene } from '../support/chain-scene.ts';
import { APPLICATION, T0 } from '../support/jobs.ts';

type State = Awaited<ReturnType<ChainWatch['state']>>;

/** One sweep; `listed`: whether the list of running executions has heard of this one. */
const sweep = async (
  state: State,
  { listed = state === 'running', status = 'PROCESSING' }: { listed?: boolean; status?: Status } = {},
) => {
  const scene = await chainScene([], { chain: { status } });
  const asked: string[] = [];
  const chains: Chains = {
    ...scene.deps.chains,
    start: async (job) => void asked.push(`start ${job}`),
    stop: async (job) => void asked.push(`stop ${job}`),
    running: async () => {
      asked.push('running');
      return new Set(listed ? [CHAIN] : []);
    },
    state: async (job) => {
      asked.push(`state ${job}`);
      return state;
    },
  };
  const deps = { ...scene.deps, chains } as Pick<SweepDeps, keyof typeof scene.deps> as SweepDeps;
  const swept = await sweepChains(deps, { submitter: APPLICATION, now: T0, since: () => 0, marks: {} });
  return { asked, swept, chain: await scene.chain(), counted: scene.counted };
};

describe('a sweep over chains', () => {
  it('starts an execution that never was', async () => {
    const { asked, chain } = await sweep('absent');
    expect(asked).toEqual(['running', `state ${CHAIN}`, `start ${CHAIN}`]);
    expect(chain).toMatchObject({ status: 'PROCESSING', version: 1 });
  });

  it('ends the job of an execution that is dead', async () => {
    const { asked, chain, counted } = await sweep('ended');
    expect(asked).toEqual(['running', `state ${CHAIN}`]);
    expect(chain).toMatchObject({ status: 'FAILED', http_code: 500, reason: expect.stringContaining('execution') });
    expect(counted).toEqual(['ChainDied']);
  });

  it('leaves one alone that runs, with one look at all of them', async () => {
    const { asked, chain, swept } = await sweep('running');
    expect([asked, swept]).toEqual([['running'], { complete: true, asked: 1 }]);
    expect(chain).toMatchObject({ status: 'PROCESSING', version: 1 });
  });

  it('leaves one alone that the list does not show yet', async () => {
    const { asked, chain } = await sweep('running', { listed: false });
    expect(asked).toEqual(['running', `state ${CHAIN}`]);
    expect(chain).toMatchObject({ status: 'PROCESSING', version: 1 });
  });

  it('asks nothing where no chain is unfinished', async () => {
    const { asked, swept } = await sweep('ended', { status: 'CANCELED' });
    expect([asked, swept]).toEqual([[], { complete: true }]);
  });
});
