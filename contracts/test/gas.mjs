// Gas figures: gas.json is the table of record. ASHLAR_GAS_WRITE=1 writes it anew.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("../gas.json", import.meta.url);
const GROWTH_MAX = 1.05;
const measured = {};

export async function note(label, receipt) {
  measured[label] = Number(receipt.gasUsed);
}

export function check() {
  if (process.env.ASHLAR_GAS_WRITE) {
    const sorted = Object.fromEntries(
      Object.entries(measured).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
    writeFileSync(FILE, `${JSON.stringify(sorted, null, 2)}\n`);
  }
  const recorded = JSON.parse(readFileSync(FILE, "utf8"));
  assert.deepEqual(Object.keys(measured).sort(), Object.keys(recorded).sort());
  for (const [label, gas] of Object.entries(measured))
    assert.ok(gas <= GROWTH_MAX * recorded[label], `${label}: ${gas}, was ${recorded[label]}`);
}
