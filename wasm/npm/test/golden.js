// The golden cases of the core, for every host that can read the project's files.

/**
 * Reads the cases.
 *
 * @param {(path: string) => string | Promise<string>} read reads a file by its path from the project's root
 * @returns {Promise<{name: string, input: string, want: string}[]>} `raw("transform", input)` must return `want`
 */
export async function goldenCases(read) {
  const dir = "shared/core/pipeline/testdata";
  const cases = [];
  for (const c of JSON.parse(await read(`${dir}/cases.json`))) {
    const members = {
      time: `"2026-11-03T00:00:00Z"`,
      nonce: `"3156853299f313e23d1673dc12e1703d"`,
      reveal: "true",
      credentials: `{"accessKeyId":"testid","accessKeySecret":"testsecret"}`,
    };
    for (const [key, value] of Object.entries(c.options ?? {})) members[key] = JSON.stringify(value);
    for (const key of ["event", "rules", "current"]) {
      if (c[key]) members[key] = await read(c[key]); // as it is, since numbers must not become floats
    }
    if (c.inline !== undefined) members.event = JSON.stringify(c.inline);
    const input = Object.entries(members).map(([key, text]) => `${JSON.stringify(key)}:${text}`);
    cases.push({ name: c.name, input: compact(`{${input.join()}}`), want: compact(await read(`${dir}/want/${c.name}.json`)) });
  }
  return cases;
}

// Removes white space between the tokens of JSON text. The core's own output has none
// but what it copies from an event, so its result needs no such step.
function compact(text) {
  return text.replace(/("(?:[^"\\]|\\.)*")|\s+/g, (_, string) => string ?? "");
}
