// Plays the scenario with the client that CLIENT names against the emulator at
// EMULATOR (address and port), signing with ACCESS_KEY_ID, ACCESS_KEY_SECRET and,
// when set, SECURITY_TOKEN. POST /settle there ends what is updating.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { clients } from './clients.js';

const { CLIENT, EMULATOR, ACCESS_KEY_ID, ACCESS_KEY_SECRET, SECURITY_TOKEN = '' } = process.env;
const keys = { endpoint: EMULATOR, id: ACCESS_KEY_ID, secret: ACCESS_KEY_SECRET, token: SECURITY_TOKEN };
const client = clients[CLIENT](keys);
const scenario = JSON.parse(readFileSync(new URL('../testdata/scenario.json', import.meta.url), 'utf8'));

const at = (answer, path) => path.split('.').reduce((value, name) => value?.[name], answer);

function expect(when, answer, want) {
  for (const [path, text] of Object.entries(want)) {
    assert.equal(String(at(answer, path)), text, `${when}: ${path}`);
  }
}

const rejectsWith = (call, code) => assert.rejects(call, (error) => {
  assert.equal(error.code, code, error.message);
  return true;
});

for (const { name, connection, parameters, before, answer, after, same } of scenario.cases) {
  test(name, async () => {
    const old = await client.describe(connection);
    expect('before', old, before);

    const accepted = await client.modify(connection, parameters);
    expect('answer', accepted, answer);

    expect('during', await client.describe(connection), { State: 'updating', Name: old.Name });
    await rejectsWith(client.modify(connection, { Name: 'too early' }), 'VpnConnection.Configuring');
    const again = await client.modify(connection, parameters);
    assert.ok(accepted.RequestId);
    assert.equal(again.RequestId, accepted.RequestId, 'the same change again');

    const settled = await fetch(`http://${EMULATOR}/settle`, { method: 'POST' });
    assert.equal(settled.status, 200);
    const now = await client.describe(connection);
    expect('after', now, after);
    for (const path of same) {
      assert.ok(at(old, path) !== undefined, path);
      assert.deepEqual(at(now, path), at(old, path), `${path} as before`);
    }
  });
}

for (const { code, connection, parameters } of scenario.refused) {
  test(code, () => rejectsWith(client.modify(connection, parameters), code));
}

for (const { name, action, parameters, answer, code } of scenario.calls) {
  test(name, async () => {
    if (code) {
      await rejectsWith(client.call(action, parameters), code);
      return;
    }
    const got = await client.call(action, parameters);
    assert.ok(got.RequestId);
    expect('answer', got, answer);
  });
}

test('describe nothing', () => rejectsWith(client.describe('vco-nowhere'), 'InvalidVpnConnectionInstanceId.NotFound'));

test('throttled', async () => {
  const fault = [{ action: 'DescribeVpnConnection', code: 'Throttling.User', retryMillis: 10 }];
  const injected = await fetch(`http://${EMULATOR}/emulator/faults`, { method: 'POST', body: JSON.stringify(fault) });
  assert.equal(injected.status, 204);
  await rejectsWith(client.describe('vco-localfree'), 'Throttling.User');
});

const strangers = {
  SignatureDoesNotMatch: { secret: `${keys.secret}x` },
  'InvalidAccessKeyId.NotFound': { id: `${keys.id}x` },
  ...(keys.token && {
    MissingSecurityToken: { token: '' },
    'InvalidSecurityToken.MismatchWithAccessKey': { token: `${keys.token}x` },
  }),
};
for (const [code, other] of Object.entries(strangers)) {
  test(code, () => rejectsWith(clients[CLIENT]({ ...keys, ...other }).describe('vco-localfree'), code));
}
