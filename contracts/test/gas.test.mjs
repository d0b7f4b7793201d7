// Gas of everything that a rollup calls, against the table of record.

import assert from "node:assert/strict";
import { test } from "node:test";
import { concat, pattern } from "../../tests/reference/bytes.mjs";
import * as equivalence from "../../tests/reference/equivalence.mjs";
import { balance, send, signers, snapshot, restore } from "./chain.mjs";
import * as gas from "./gas.mjs";
import { G1, g1 } from "./points.mjs";
import * as w from "./world.mjs";
import {
  hex,
  MODEL,
  URI,
  c,
  object,
  big,
  model,
  straddle,
  registering,
  cellOf,
  constantEquivalence,
  certifyBig,
} from "./stage.mjs";

test("gas: element, range, tensor row, cell, equivalence", async () => {
  const id = await snapshot();
  await certifyBig();
  const asTransaction = async (contract, name, args) =>
    signers[0].sendTransaction({
      to: await contract.getAddress(),
      data: contract.interface.encodeFunctionData(name, args),
    });
  const measure = async (label, contract, name, args) =>
    gas.note(label, await send(asTransaction(contract, name, args)));
  const base = [hex(object.root), object.leaves];
  await measure("element", c.weights, "verifyElement", [
    ...base,
    2,
    0,
    w.blobProof(object, 2),
    await w.elementProof(object, 2, 0),
  ]);
  const two = await w.rangeProof(object, straddle, 2);
  await measure("weight that straddles two elements", c.weights, "verifyBytes", [
    ...base,
    straddle,
    2,
    two.blobs,
    two.elements,
  ]);
  const from = model()[1].offset + 1024;
  const kib = await w.rangeProof(object, from, 1024);
  await measure("range of 1 KiB", c.weights, "verifyBytes", [
    ...base,
    from,
    1024,
    kib.blobs,
    kib.elements,
  ]);
  const tensor = w.tensorProof(object, 0);
  const row = await w.rangeProof(object, tensor.offset + 640, 128);
  await measure("tensor row of 128 bytes", c.weights, "verifyTensor", [
    ...base,
    tensor,
    640,
    128,
    row.blobs,
    row.elements,
  ]);
  const cell = await cellOf(2, 0);
  await measure("cell of 1,984 bytes", c.weights, "verifyCell", [
    ...base,
    2,
    0,
    g1(object.commitments[2]),
    w.pathOf(object, 2),
    cell.payload,
    g1(cell.proof),
  ]);
  for (const count of [1, 64, 256]) {
    const e = constantEquivalence(big, 0, count);
    await measure(
      `equivalence over ${count} blob${count > 1 ? "s" : ""}`,
      c.equivalence,
      "verify",
      [hex(big.root), big.leaves, e.claim, e.opening],
    );
  }
  await gas.note("register a node", await send(registering(41n)));
  await restore(id);
});

for (const [count, missing] of [
  [8, 0],
  [64, 0],
  [256, 0],
  [1000, 0],
  [1000, 166],
])
  test(`gas: anchor with ${count} members, ${missing} missing`, async () => {
    const id = await snapshot();
    const open = await w.deployAll("OpenRegistry");
    const secrets = Array.from({ length: count }, (_, i) => BigInt(i + 2));
    const keys = [];
    for (let key = G1.BASE.double(); keys.length < count; key = key.add(G1.BASE)) keys.push(key);
    const stake = w.STAKE;
    const flat = G1.normalizeZ(keys).map(g1);
    await balance(await open.committee.getAddress(), stake * BigInt(count));
    for (let i = 0; i < count; i += 125)
      await send(open.committee.admitAll(flat.slice(i, i + 125), stake));
    for (let i = 0; i < count; i += 250) await send(open.committee.countMembers(250));
    const table = concat(
      ...Array.from({ length: 4096 }, (_, s) => Uint8Array.of((s % count) & 255, (s % count) >> 8)),
    );
    await send(open.committee.openEpoch(hex(table)));
    // K just over 2^26: with P = D two thirds of what is stored may be lost.
    const k = 2 ** 26 + 1;
    const of = w.finish({
      payloadBytes: 126976 * k,
      dataBlobs: k,
      parityBlobs: 2 ** 27,
      copies: 1,
      commitmentsRoot: pattern(5, 32),
      foldRoot: pattern(6, 32),
    });
    const who = [...secrets.keys()].filter((i) => i % 6 !== 0 || i >= 6 * missing);
    assert.equal(who.length, count - missing);
    const cert = await w.certify(open, { object: of, secrets, who });
    const receipt = await send(open.models.anchor(MODEL, hex(of.root), of.leaves, cert, URI));
    await gas.note(`anchor: ${count} members${missing ? `, ${missing} missing` : ""}`, receipt);
    if (missing) assert.ok(receipt.gasUsed <= 2_000_000n, `${receipt.gasUsed}`);
    await restore(id);
  });

test("gas: no figure grew by 5 %, and the table holds every one", () => gas.check());
