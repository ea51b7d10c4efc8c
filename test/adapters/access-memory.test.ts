import { beforeEach, describe, expect, it, vi } from 'vitest';
import { withMemory } from '../../functions/adapters/access-memory.ts';
import { closed } from '../../functions/jobs/breaker.ts';
import { anApplication } from '../support/callers.ts';
import { seconds, T0 } from '../support/jobs.ts';
import { memoryAccess } from '../support/memory-access.ts';
import { accessContract } from './access-contract.ts';

describe('access with a memory', () => {
  accessContract(() => withMemory(memoryAccess(), Date.now));

  let now: number;
  let table: ReturnType<typeof memoryAccess>;
  let container: ReturnType<typeof withMemory>;
  beforeEach(async () => {
    now = T0;
    table = memoryAccess();
    container = withMemory(table, () => now);
    await table.saveApplication(anApplication(), 'key');
  });
  const { id } = anApplication();
  const elsewhere = (failures: number, open_until: number) => table.changeBreaker(id, () => ({ failures, open_until }));

  it('asks for an application once a minute', async () => {
    const asked = vi.spyOn(table, 'application');
    for (let second = 0; second < 120; second += 1) {
      expect(await container.application(id)).toEqual(anApplication());
      now += seconds(1);
    }
    expect(asked).toHaveBeenCalledTimes(2);
  });

  it('does not remember that an application is unknown', async () => {
    const other = anApplication({ id: 'later' });
    expect(await container.application(other.id)).toBeUndefined();
    await table.saveApplication(other, 'other key');
    expect(await container.application(other.id)).toEqual(other);
  });

  it('knows an application anew after its login', async () => {
    await container.application(id);
    await container.saveApplication(anApplication({ first_name: 'B' }), 'key');
    expect((await container.application(id))?.first_name).toBe('B');
  });

  it('learns within seconds that another container has opened the breaker', async () => {
    expect(await container.breaker(id)).toEqual(closed);
    await elsewhere(5, T0 + 9);
    now += seconds(5);
    expect(await container.breaker(id)).toEqual({ failures: 5, open_until: T0 + 9 });
  });

  it('learns at once that it is open when it counts a failure of its own', async () => {
    await container.breaker(id);
    await elsewhere(5, T0 + 9);
    await container.changeBreaker(id, (breaker) => ({ ...breaker, failures: breaker.failures + 1 }));
    expect(await container.breaker(id)).toEqual({ failures: 6, open_until: T0 + 9 });
  });

  it('looks at a breaker that is not at rest each time', async () => {
    await elsewhere(1, 0);
    expect(await container.breaker(id)).toEqual({ failures: 1, open_until: 0 });
    await elsewhere(5, T0 + 9);
    expect(await container.breaker(id)).toEqual({ failures: 5, open_until: T0 + 9 });
    await elsewhere(0, 0);
    expect(await container.breaker(id)).toEqual(closed);
  });

  it('notes a stranger once an hour, and another admin’s at once', async () => {
    const noted = vi.spyOn(table, 'noteStranger');
    for (const admin of ['one', 'one', 'other', 'other']) await container.noteStranger('stranger', admin);
    now += seconds(3600);
    await container.noteStranger('stranger', 'other');
    expect(noted.mock.calls.map(([, admin]) => admin)).toEqual(['one', 'other', 'other']);
  });

  it('never remembers a session', async () => {
    await container.openSession('token', { application_id: id, key_hash: 'key', expires_at: T0 });
    expect(await container.session('token', 0)).toBeDefined();
    await table.closeSession('token');
    expect(await container.session('token', 0)).toBeUndefined();
  });
});
