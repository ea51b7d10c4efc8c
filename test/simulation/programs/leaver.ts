// Somebody who logs out and goes on: what is submitted with the old token must not come about, though the containers
// have just known it.
import { basePath } from '../../../functions/runtime/routes.ts';
import { gatewayOf } from '../cloud/gateway.ts';
import { applications } from '../leia/leia.ts';
import type { Stage } from '../run.ts';

export const startLeaver = (stage: Stage): void => {
  const { scheduler, chance, leia, until } = stage;
  // Its submissions are alike: which is whose nothing tells then (D2).
  if (leia.hidesCallbackUrls) return;
  const times = chance.happens(0.5) ? chance.between(1, 3) : 0;
  for (let nth = 0; nth < times; nth += 1) {
    const at = chance.between(0, (until - scheduler.now()) * 0.8);
    void leave({ ...stage, chance: chance.of(`${nth}`) }, at);
  }
};

const leave = async ({ ground, secret, leia, ledger, scheduler, chance }: Stage, at: number): Promise<void> => {
  const [application] = applications;
  const [document = ''] = leia.documents.get(application?.id ?? '') ?? [];
  const http = gatewayOf(ground);
  await scheduler.sleep(at, 'somebody will leave');
  ledger.asksLeia();
  const body = JSON.stringify({ api_key: secret.applications[0]?.api_key });
  const login = await http({ method: 'POST', path: `${basePath}/login`, body });
  if (login.status !== 200) return;
  const headers = { token: String(JSON.parse(login.body).token), 'content-type': 'application/json' };
  const submit = async (callbackUrl: string): Promise<number> => {
    const path = `${basePath}/document/${document}/transform/text`;
    const { status } = await http({
      method: 'POST',
      path,
      headers,
      body: JSON.stringify({ callback_url: callbackUrl }),
    });
    scheduler.note(() => `somebody who leaves: ${callbackUrl} ${status}`);
    return status;
  };
  for (let nth = chance.between(1, 3); nth > 0; nth -= 1) await submit('https://caller.test/before');
  const { status } = await http({ method: 'GET', path: `${basePath}/logout`, headers });
  if (status !== 204) return;
  for (let nth = chance.between(1, 4); nth > 0; nth -= 1) {
    await scheduler.sleep(chance.between(0, 3000), 'somebody has left');
    const answer = await submit(afterLogout);
    if (answer < 400) ledger.violations.push(`a token that had ended got ${answer} for a submission`);
  }
};

/** The callback URL of what nobody had the right to submit any more. */
export const afterLogout = 'https://caller.test/after-the-logout';
