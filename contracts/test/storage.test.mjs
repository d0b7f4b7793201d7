// Where ModelRegistry's entries lie: chain/model_registry.cpp reads these words by eth_getProof.

import assert from "node:assert/strict";
import { test } from "node:test";
import { AbiCoder, keccak256 } from "ethers";
import { provider, signers } from "./chain.mjs";
import { hex, MODEL, c, object } from "./stage.mjs";

const hashOf = (types, values) => keccak256(AbiCoder.defaultAbiCoder().encode(types, values));
const slotOf = (key, mapping) => BigInt(hashOf(["bytes32", "uint256"], [key, mapping]));
const wordAt = async (slot) => BigInt(await provider.getStorage(await c.models.getAddress(), slot));

test("a model's root and versions, and what backs it, lie where readers look", async () => {
  const entry = slotOf(hashOf(["address", "bytes32"], [signers[0].address, MODEL]), 1);
  const [root, , versions] = await c.models.modelOf(signers[0].address, MODEL);
  assert.equal(await wordAt(entry), BigInt(root));
  assert.equal(await wordAt(entry + 1n), versions);
  const [expiry, epoch] = await c.models.backingOf(hex(object.root));
  const backing = slotOf(hex(object.root), 0);
  assert.equal(await wordAt(backing), (epoch << 64n) | expiry);
});
