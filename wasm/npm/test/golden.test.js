// The module in Node returns the same bytes as the native core.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { init, raw } from "vpnattach";
import { goldenCases } from "./golden.js";

const root = new URL("../../../", import.meta.url);
const cases = await goldenCases((path) => readFile(new URL(path, root), "utf8"));
await init();

test("there are cases", () => assert.ok(cases.length > 30));
for (const { name, input, want } of cases) {
  test(name, () => assert.equal(raw("transform", input), want));
}
