// Calldata made by rollup/ in C++, sent as it is. ASHLAR_CALLDATA names the file that the program
// make-calldata wrote.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const made = JSON.parse(readFileSync(process.env.ASHLAR_CALLDATA, "utf8"));
// Before the chain is there.
process.env.ASHLAR_INITIAL_DATE = new Date(1000 * made.now).toISOString();
const { deploy, provider, send, signers } = await import("./chain.mjs");
const w = await import("./world.mjs");

const c = await w.deployAll();
const owners = await w.accounts(8);
const members = [];
for (const [i, owner] of owners.entries())
  members.push(await w.register(c.committee, owner, BigInt(i + 1)));
await w.openEpoch(c.committee, members);
const addressOf = (contract) => contract.getAddress();
const call = async (contract, data) => provider.call({ to: await addressOf(contract), data });
const sendTo = async (contract, data, value = 0n) =>
  send(signers[0].sendTransaction({ to: await addressOf(contract), data, value }));

test("the chain's committee is the one that signed", async () => {
  assert.equal(await c.committee.rootOf(1), made.committee_root);
});
test("the certificate anchors the object", async () => {
  await sendTo(c.models, made.anchor);
  const [root, uri] = await c.models.modelOf(signers[0].address, made.object_root);
  assert.deepEqual([root, uri], [made.object_root, "ashlar://a model"]);
});
test("the registry's rule is counted in C++ as here", async () => {
  const probe = await deploy("Probe");
  const zero = `0x${"00".repeat(32)}`;
  const said = new Set();
  for (const { bitmap, shape, domain, summary, holds } of made.rules) {
    const [dataBlobs, parityBlobs, groupParities, copies] = shape;
    const [, counted] = await c.committee.signersOf(1, bitmap);
    assert.deepEqual([...counted], summary.map(BigInt), bitmap);
    const header = [zero, 0, 0, dataBlobs, parityBlobs, groupParities, copies, Math.log2(domain)];
    const whole = [...header, zero, zero, zero, zero, zero];
    assert.equal(await probe.ruleHolds(whole, summary), holds, JSON.stringify({ bitmap, shape }));
    said.add(holds);
  }
  assert.equal(said.size, 2);
});
test("every proof of weights gives its bytes", async () => {
  const functions = {
    element: "verifyElement",
    bytes: "verifyBytes",
    tensor: "verifyTensor",
    cell: "verifyCell",
  };
  for (const { kind, calldata, bytes } of made.weights) {
    const name = functions[kind];
    const args = c.weights.interface.decodeFunctionData(name, calldata);
    assert.equal(c.weights.interface.encodeFunctionData(name, args), calldata, kind);
    const [got] = c.weights.interface.decodeFunctionResult(name, await call(c.weights, calldata));
    assert.deepEqual(got, kind === "cell" ? true : bytes, kind);
    if (kind === "cell") assert.equal(args.payload, bytes);
  }
});
test("equivalence gives γ, z and y", async () => {
  for (const { calldata, gamma, z, y } of made.equivalence) {
    const result = await call(c.equivalence, calldata);
    const got = c.equivalence.interface.decodeFunctionResult("verify", result);
    assert.deepEqual([...got], [gamma, z, y].map(BigInt));
  }
});
test("a challenge is taken, and names the member and the position", async () => {
  await sendTo(c.custody, made.challenge, w.BOND);
  const asked = await c.custody.challenges(0);
  assert.equal(asked.objectRoot, made.object_root);
  assert.equal(asked.node, BigInt(made.challenged.member));
  assert.equal(asked.position, BigInt(made.challenged.position));
});
test("answers are encoded as ethers encodes them", () => {
  for (const { calldata, id, commitment, y, proof } of made.answers) {
    const args = c.custody.interface.decodeFunctionData("answer", calldata);
    assert.equal(c.custody.interface.encodeFunctionData("answer", args), calldata);
    assert.deepEqual(
      [args.id, args.commitment, args.y, args.proof],
      [BigInt(id), commitment, BigInt(y), proof],
    );
  }
});
