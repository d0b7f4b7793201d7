// A chain before Prague: EIP-2537's addresses have no code, and calls to them succeed with nothing.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as bls from "../../tests/reference/bls.mjs";

process.env.ASHLAR_HARDFORK = "cancun";
const { deploy, failure } = await import("./chain.mjs");
const { G1, g1, g2 } = await import("./points.mjs");

test("without the precompiles no signature holds, and no sum is taken for one", async () => {
  const probe = await deploy("Probe");
  const message = "0x1234";
  const signature = bls.sign(5n, Uint8Array.of(0x12, 0x34), bls.SIGNATURE_TAG);
  assert.match(
    await failure(probe.verify(g1(bls.publicKey(5n)), message, g2(signature))),
    /^PrecompileMissing/,
  );
  assert.match(await failure(probe.addG1(g1(G1.BASE), g1(G1.BASE))), /^PrecompileMissing/);
  assert.match(await failure(probe.msmG1([g1(G1.BASE)], [1n])), /^PrecompileMissing/);
});
