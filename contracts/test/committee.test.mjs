// CommitteeRegistry.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as bls from "../../tests/reference/bls.mjs";
import { committeeRoot } from "../../tests/reference/committee.mjs";
import { provider, send, signers, sleep, snapshot, restore } from "./chain.mjs";
import { G1, G2 } from "./points.mjs";
import * as w from "./world.mjs";
import {
  hex,
  SECRETS,
  c,
  owners,
  epoch,
  isolated,
  refused,
  registering,
  outsideG1,
  outsideG2,
} from "./stage.mjs";

test("the committee root equals the reference's", async () => {
  assert.equal(await c.committee.rootOf(1), hex(committeeRoot(epoch)));
});

isolated("a later epoch leaves out who asked to leave, and counts who came", async () => {
  await send(c.committee.connect(owners[2]).requestExit(2));
  const added = await w.register(c.committee, signers[1], 900n, 3n * w.ETHER);
  const members = [...epoch.members.filter((_, i) => i !== 2), added];
  const next = await w.openEpoch(c.committee, members);
  assert.equal(await c.committee.rootOf(2), hex(committeeRoot(next)));
});

test("members may be counted in steps", async () => {
  const id = await snapshot();
  for (let i = 0; i < 8; ++i) await send(c.committee.countMembers(1));
  await send(c.committee.openEpoch(hex(epoch.table)));
  assert.equal(await c.committee.rootOf(2), await c.committee.rootOf(1));
  await restore(id);
});

test("an epoch does not open before all are counted, nor by anyone but the steward", async () => {
  await refused(c.committee.openEpoch(hex(epoch.table)), "NotYet");
  await refused(c.committee.connect(owners[0]).countMembers(1), "NotAllowed");
  await refused(c.committee.connect(owners[0]).openEpoch(hex(epoch.table)), "NotAllowed");
});

isolated("a shard table of another length or with a member that is none is refused", async () => {
  await send(c.committee.countMembers(100));
  const stray = Uint8Array.from(epoch.table);
  stray[0] = 8;
  await refused(c.committee.openEpoch(hex(stray)), "TableRefused");
  await refused(c.committee.openEpoch(hex(epoch.table.subarray(2))), "TableRefused");
});

test("registering without possession of the key is refused", async () => {
  const other = await w.registration(c.committee, signers[2].address, 42n);
  await refused(registering(41n, { possession: other.possession }), "KeyRefused(possession)");
});
test("a rogue key, another's less one's own, is refused", async () => {
  const key = bls.publicKey(41n).subtract(bls.publicKey(SECRETS[0]));
  await refused(registering(41n, { key }), "KeyRefused(possession)");
});
test("a registration copied by another owner is refused", async () => {
  const copied = await w.registration(c.committee, signers[2].address, 41n);
  await refused(registering(41n, copied, signers[3]), "KeyRefused(consent)");
});
test("possession P + D with consent Q − D is refused", async () => {
  const r = await w.registration(c.committee, signers[2].address, 41n);
  const d = G2.BASE.multiply(5n);
  await refused(
    registering(41n, { possession: r.possession.add(d), consent: r.consent.subtract(d) }),
    "KeyRefused(possession)",
  );
});
test("an infinite key is refused", async () => {
  await refused(
    registering(41n, { key: G1.ZERO, possession: G2.ZERO, consent: G2.ZERO }),
    "KeyRefused(possession)",
  );
});
test("an infinite possession is refused", async () => {
  await refused(registering(41n, { possession: G2.ZERO }), "KeyRefused(possession)");
});
test("a key that stands is refused a second time", async () => {
  await refused(registering(SECRETS[0]), "KeyTaken");
});
test("too small a stake is refused", async () => {
  await refused(registering(41n, { value: 1n }), "StakeTooSmall");
});
test("a key outside the subgroup is refused", async () => {
  await refused(
    registering(41n, { key: bls.publicKey(41n).add(outsideG1()) }),
    "PrecompileRefused",
  );
});
test("a possession outside the subgroup is refused", async () => {
  const r = await w.registration(c.committee, signers[2].address, 41n);
  await refused(
    registering(41n, { possession: r.possession.add(outsideG2()) }),
    "PrecompileRefused",
  );
});

isolated("stake comes back after the delay, and not before", async () => {
  const mine_ = c.committee.connect(owners[0]);
  await refused(mine_.withdraw(0), "NotYet");
  await send(mine_.requestExit(0));
  await refused(mine_.requestExit(0), "NotAllowed");
  await refused(mine_.withdraw(0), "NotYet");
  await refused(c.committee.connect(owners[1]).withdraw(0), "NotAllowed");
  await sleep(w.EXIT_DELAY);
  const had = await provider.getBalance(owners[0].address);
  await send(mine_.withdraw(0));
  assert.ok((await provider.getBalance(owners[0].address)) > had + w.STAKE - w.ETHER / 100n);
});

test("only the slashing contract locks and slashes, and it is named once", async () => {
  await refused(c.committee.slash(0, 1, signers[0].address), "NotAllowed");
  await refused(c.committee.lock(0), "NotAllowed");
  await refused(c.committee.unlock(0), "NotAllowed");
  await refused(c.committee.bindSlasher(signers[0].address), "NotAllowed");
});
