// CustodyChallenge.

import assert from "node:assert/strict";
import { test } from "node:test";
import { holders } from "../../tests/reference/placement.mjs";
import { balance, deploy, mine, now, provider, rpc, send, signers, sleep } from "./chain.mjs";
import * as gas from "./gas.mjs";
import * as kzg from "./kzg.mjs";
import * as w from "./world.mjs";
import {
  hex,
  OTHER,
  c,
  owners,
  epoch,
  object,
  isolated,
  refused,
  anchoring,
  certified,
} from "./stage.mjs";

async function claimFor(storedIndex, change = {}) {
  const operators = epoch.members.map((m) => hex(m.operator));
  const { placementOf } = await deploy("Probe");
  const parsed = await (await deploy("Probe")).parse(hex(object.root), object.leaves);
  const [shard, position] = await placementOf([...parsed], storedIndex);
  const list = holders(Number(shard), 3, epoch.shards, operators);
  const [membersRoot] = [await membersRootOf()];
  return {
    list,
    position: Number(position),
    claim: {
      member: list[0],
      storedIndex,
      bitmap: "0xff",
      table: hex(epoch.table),
      membersRoot,
      ...change,
    },
  };
}
async function membersRootOf() {
  const { membersRoot } = await import("../../tests/reference/committee.mjs");
  return hex(membersRoot(epoch.members));
}
const challenging = (claim, who = signers[3], value = w.BOND) =>
  c.custody.connect(who).challenge(hex(object.root), object.leaves, claim, { value });

async function answering(id, position, change = {}) {
  const element = Number(await c.custody.elementAsked(id));
  const blob = position < 4 ? object.blobs[position] : undefined;
  const proof = await kzg.proveElement(blob, element);
  const a = {
    commitment: hex(object.commitments[position].toBytes(true)),
    path: w.pathOf(object, position),
    y: blob[element],
    proof: hex(proof.toBytes(true)),
    ...change,
  };
  return c.custody.answer(id, object.leaves, a.commitment, a.path, a.y, a.proof);
}

isolated(
  "a challenge that is answered costs the challenger, and the node has the bond",
  async () => {
    const { claim, position, list } = await claimFor(2);
    await gas.note("custody: challenge", await send(challenging(claim)));
    await refused(c.custody.elementAsked(0), "TooLate");
    await mine();
    await refused(answering(0, position, { y: 1n }), "OpeningFalse");
    await refused(answering(0, position, { path: w.pathOf(object, 1) }), "AnotherRoot");
    await gas.note("custody: answer", await send(answering(0, position)));
    const owner = owners[list[0]];
    assert.equal(await c.custody.credit(owner.address), w.BOND);
    await send(c.custody.connect(owner).claim());
    assert.equal(await c.custody.credit(owner.address), 0n);
    await refused(c.custody.slash(0), "NotOpen");
  },
);
isolated("a node that stays silent is slashed, and the challenger has bond and stake", async () => {
  const { claim, list } = await claimFor(2);
  await send(challenging(claim));
  await refused(c.custody.slash(0), "TooEarly");
  await mine(w.WINDOW + 1);
  await refused(answering(0, 2), "TooLate");
  await send(c.custody.slash(0));
  assert.equal(await c.custody.credit(signers[3].address), w.BOND + w.PENALTY);
  assert.equal((await c.committee.nodes(list[0])).stake, w.STAKE - w.PENALTY);
  await refused(c.custody.slash(0), "NotOpen");
});
isolated("every copy's holder can be challenged, and nobody else", async () => {
  const { claim, list } = await claimFor(3);
  assert.equal(list.length, 3);
  for (const member of list) await send(challenging({ ...claim, member }));
  for (let member = 0; member < 8; ++member)
    if (!list.includes(member)) await refused(challenging({ ...claim, member }), "NotAHolder");
});
isolated("challenges without ground are refused", async () => {
  const { claim } = await claimFor(2);
  await refused(challenging(claim, signers[3], 1n), "BondRefused");
  await refused(challenging({ ...claim, storedIndex: 20 }), "NotAHolder");
  await refused(challenging({ ...claim, bitmap: "0xfe" }), "NotASigner");
  await refused(challenging({ ...claim, member: 8 }), "NotASigner");
  const table = Uint8Array.from(epoch.table);
  table[0] ^= 1;
  await refused(challenging({ ...claim, table: hex(table) }), "NotAHolder");
  await refused(challenging({ ...claim, membersRoot: OTHER }), "NotAHolder");
  await send(challenging(claim));
  await refused(challenging(claim), "AlreadyOpen");
  await sleep(2 * 86400);
  await refused(challenging({ ...claim, storedIndex: 1 }), "NotBacked");
});
isolated("a member that did not sign cannot be challenged", async () => {
  const many = w.rehead(object, { copies: 8 });
  await send(anchoring(await certified({ object: many, who: [1, 4, 6] }), { of: many }));
  const { claim } = await claimFor(2);
  const claimed = { ...claim, bitmap: "0x52", member: 0 };
  await refused(
    c.custody.challenge(hex(many.root), many.leaves, claimed, { value: w.BOND }),
    "NotASigner",
  );
  await send(
    c.custody.challenge(hex(many.root), many.leaves, { ...claimed, member: 4 }, { value: w.BOND }),
  );
});
isolated("an open challenge holds the stake back", async () => {
  const { claim, list } = await claimFor(2);
  const owner = c.committee.connect(owners[list[0]]);
  await send(owner.requestExit(list[0]));
  await rpc("evm_setNextBlockTimestamp", (await now()) + 80000);
  await send(challenging(claim));
  await sleep(w.EXIT_DELAY);
  await refused(owner.withdraw(list[0]), "NotYet");
  await mine(w.WINDOW + 1);
  await send(c.custody.slash(0));
  await send(owner.withdraw(list[0]));
});
isolated("reentrancy in slashing pays once", async () => {
  const { claim } = await claimFor(2);
  const thief = await deploy("Reenterer", await c.custody.getAddress());
  const to = await thief.getAddress();
  await balance(to, w.ETHER);
  const encode = (name, args = []) => c.custody.interface.encodeFunctionData(name, args);
  await send(thief.run(encode("challenge", [hex(object.root), object.leaves, claim]), w.BOND));
  await mine(w.WINDOW + 1);
  await send(thief.run(encode("slash", [0]), 0));
  // Another's bond lies in the contract too.
  await send(challenging((await claimFor(1)).claim));
  await send(thief.arm(encode("claim")));
  await send(thief.run(encode("claim"), 0));
  assert.equal(await thief.secondPaid(), false);
  assert.equal(await provider.getBalance(to), w.ETHER + w.PENALTY);
  assert.equal(await provider.getBalance(await c.custody.getAddress()), w.BOND);
});
test("nobody pays the custody contract by mistake", async () => {
  await refused(
    signers[0].sendTransaction({ to: await c.custody.getAddress(), value: 1n }),
    "BondRefused",
  );
});
