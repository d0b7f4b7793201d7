// ModelRegistry.

import assert from "node:assert/strict";
import { test } from "node:test";
import * as bls from "../../tests/reference/bls.mjs";
import { ascii, pattern, sha256 } from "../../tests/reference/bytes.mjs";
import * as certificate from "../../tests/reference/certificate.mjs";
import { committeeRoot } from "../../tests/reference/committee.mjs";
import { R } from "../../tests/reference/field.mjs";
import * as merkle from "../../tests/reference/merkle.mjs";
import { failure, now, send, signers, snapshot, restore } from "./chain.mjs";
import { G2, g2 } from "./points.mjs";
import * as w from "./world.mjs";
import {
  hex,
  SECRETS,
  MODEL,
  URI,
  OTHER,
  c,
  owners,
  epoch,
  object,
  model,
  isolated,
  refused,
  anchoring,
  certified,
  outsideG2,
} from "./stage.mjs";

test("an anchored model names its root, in ERC-7992's terms", async () => {
  const [modelHash, uri, versions] = await c.models.modelOf(signers[0].address, MODEL);
  assert.deepEqual([modelHash, uri, versions], [hex(object.root), URI, 1n]);
  assert.equal(await c.models.isCertified(hex(object.root)), true);
});

isolated("an entry belongs to its publisher: another's root, another's entry", async () => {
  const cert = await certified();
  await send(anchoring(cert, { modelId: MODEL, who: signers[1] }));
  assert.equal((await c.models.modelOf(signers[1].address, MODEL))[0], hex(object.root));
  assert.equal((await c.models.modelOf(signers[0].address, MODEL))[2], 1n);
});

isolated("a version's parent is the current root, or the fork is explicit", async () => {
  const child = w.rehead(object, { parentRoot: object.root, provenanceRoot: sha256(ascii("2")) });
  const cert = await certified({ object: child });
  await refused(anchoring(cert, { of: child }), "AnotherParent");
  await send(anchoring(cert, { of: child, modelId: MODEL }));
  assert.equal((await c.models.modelOf(signers[0].address, MODEL))[0], hex(child.root));
  const twin = w.rehead(object, { parentRoot: object.root, provenanceRoot: sha256(ascii("3")) });
  const twinCert = await certified({ object: twin });
  await refused(anchoring(twinCert, { of: twin, modelId: MODEL }), "AnotherParent");
  await send(c.models.anchorFork(MODEL, hex(twin.root), twin.leaves, twinCert, URI));
  await refused(
    c.models.anchorFork(MODEL, hex(object.root), object.leaves, cert, URI),
    "SignatureFalse",
  );
});

test("an inherited seed that is not the parent's is refused", async () => {
  const child = w.rehead(object, { parentRoot: object.root, placementSeed: sha256(ascii("mine")) });
  await refused(
    anchoring(await certified({ object: child }), { of: child, modelId: MODEL }),
    "AnotherParent",
  );
});

isolated("a renewal moves the date forwards only", async () => {
  const later = (await now()) + 20 * 86400;
  const renewing = async (expiry) =>
    c.models.renew(hex(object.root), object.leaves, await certified({ expiry }));
  await send(renewing(later));
  assert.equal((await c.models.backingOf(hex(object.root)))[0], BigInt(later));
  await send(renewing(later - 86400));
  assert.equal((await c.models.backingOf(hex(object.root)))[0], BigInt(later));
});

for (const [name, change] of [
  ["chain", { chainId: 1n }],
  ["contract", { registry: pattern(1, 20) }],
  ["committee", { committeeRoot: pattern(2, 32) }],
  ["object", { objectRoot: pattern(3, 32) }],
])
  test(`a certificate for another ${name} is refused`, async () => {
    await refused(anchoring(await certified(change)), "SignatureFalse");
  });
test("an expired certificate is refused", async () => {
  await refused(anchoring(await certified({ expiry: await now() })), "Expired");
});
test("a certificate whose expiry was changed is refused", async () => {
  const cert = await certified();
  await refused(anchoring({ ...cert, expiry: cert.expiry + 1 }), "SignatureFalse");
});
test("a certificate that outlasts the stake is refused", async () => {
  await refused(
    anchoring(await certified({ expiry: (await now()) + w.EXIT_DELAY + 1000 })),
    "BeyondStake",
  );
});
test("a certificate of an epoch long past, or to come, is refused", async () => {
  await refused(anchoring({ ...(await certified()), epoch: 2 }), "EpochClosed");
  const id = await snapshot();
  const cert = await certified();
  await w.openEpoch(c.committee, epoch.members);
  await send(anchoring(cert));
  await restore(id);
  const again = await snapshot();
  await w.openEpoch(c.committee, epoch.members);
  await w.openEpoch(c.committee, epoch.members);
  await refused(anchoring(cert), "EpochClosed");
  await restore(again);
});
test("a bitmap with an extra bit is refused", async () => {
  const cert = await certified({ who: [0, 1, 2, 3, 4, 5, 6] });
  await refused(anchoring({ ...cert, bitmap: "0xff" }), "SignatureFalse");
});
test("a bitmap with a missing bit is refused", async () => {
  await refused(anchoring({ ...(await certified()), bitmap: "0x7f" }), "SignatureFalse");
});
test("a member counted twice in the signature is refused", async () => {
  const cert = await certified();
  const digest = await c.models.digestOf(
    await c.committee.rootOf(1),
    hex(object.root),
    cert.expiry,
  );
  const twice = bls.sign(
    SECRETS.reduce((a, b) => a + b) + SECRETS[0],
    w.bytes(digest),
    bls.SIGNATURE_TAG,
  );
  await refused(anchoring({ ...cert, signature: g2(twice) }), "SignatureFalse");
});
test("a bitmap of another length is refused", async () => {
  const cert = await certified();
  for (const bitmap of ["0x", "0xff00", "0xffff"])
    await refused(anchoring({ ...cert, bitmap }), "BitmapRefused");
});
test("an empty bitmap is refused", async () => {
  await refused(anchoring({ ...(await certified()), bitmap: "0x00" }), "BitmapRefused");
});
isolated("a bit beyond the members is refused", async () => {
  await send(c.committee.connect(owners[7]).requestExit(7));
  await w.openEpoch(c.committee, epoch.members.slice(0, 7));
  const cert = await w.certify(c, { object, secrets: SECRETS.slice(0, 7), epoch: 2 });
  await refused(anchoring({ ...cert, bitmap: "0xff" }), "BitmapRefused");
  await send(anchoring(cert));
});
test("an infinite signature is refused", async () => {
  await refused(anchoring({ ...(await certified()), signature: g2(G2.ZERO) }), "SignatureFalse");
});
isolated("keys that sum to infinity are refused, whatever the signature", async () => {
  await w.register(c.committee, signers[1], R - 108n, w.STAKE);
  await send(c.committee.countMembers(100));
  await send(c.committee.openEpoch(hex(epoch.table)));
  const cert = { epoch: 2, expiry: (await now()) + 1000, bitmap: "0x8001", signature: g2(G2.ZERO) };
  await refused(anchoring(cert), "KeyRefused(infinity)");
});
test("a signature outside the subgroup is refused", async () => {
  const cert = await certified();
  const digest = w.bytes(
    await c.models.digestOf(await c.committee.rootOf(1), hex(object.root), cert.expiry),
  );
  const sum = bls.sign(
    SECRETS.reduce((a, b) => a + b),
    digest,
    bls.SIGNATURE_TAG,
  );
  await refused(anchoring({ ...cert, signature: g2(sum.add(outsideG2())) }), "PrecompileRefused");
});
test("a certificate that does not bear a third of the weight is refused", async () => {
  // With 3 copies two of eight members may fail, and a third of the weight is two.
  await refused(anchoring(await certified({ who: [0, 1, 2, 3, 4, 5, 6] })), "NotRecoverable");
  const single = w.rehead(object, { copies: 1 });
  await refused(anchoring(await certified({ object: single }), { of: single }), "NotRecoverable");
});
isolated("a certificate by fewer than half, with copies enough, passes", async () => {
  const many = w.rehead(object, { copies: 8 });
  await send(anchoring(await certified({ object: many, who: [1, 4, 6] }), { of: many }));
});
test("a header that breaks a rule is refused, field by field", async () => {
  for (const fields of [
    { dataBlobs: 5 },
    { payloadBytes: 1 },
    { parityBlobs: 17 },
    { parityBlobs: 0 },
    { directoryOffset: 1 },
    { directoryOffset: 126976 * 9 },
    { groupParities: 5 },
    { groupParityRoot: pattern(0, 32) },
    { copies: 0 },
    { copies: 256 },
    { placementSeed: pattern(0, 32) },
    { payloadBytes: 0, dataBlobs: 0 },
  ])
    await refused(anchoring(await certified(), { of: w.rehead(object, fields) }), "HeaderRefused");
  for (const [leaf, byte] of [
    [0, 0],
    [0, 8],
    [7, 3],
    [15, 31],
  ]) {
    const encoded = Uint8Array.from(object.encoded);
    encoded[32 * leaf + byte] ^= 2;
    const leaves = Array.from({ length: 16 }, (_, i) => encoded.subarray(32 * i, 32 * i + 32));
    const of = { root: merkle.root(leaves), leaves: leaves.map(hex) };
    await refused(anchoring(await certified(), { of }), "HeaderRefused");
  }
});
test("a header of another root is refused", async () => {
  await refused(
    c.models.anchor(MODEL, OTHER, object.leaves, await certified(), URI),
    "AnotherRoot",
  );
});
test("short calldata is refused", async () => {
  const data = c.models.interface.encodeFunctionData("anchor", [
    MODEL,
    hex(object.root),
    object.leaves,
    await certified(),
    URI,
  ]);
  for (const cut of [2, 64, 66, 1000])
    await refused(
      signers[0].call({ to: await c.models.getAddress(), data: data.slice(0, -cut) }),
      "",
    );
  assert.notEqual(
    await failure(signers[0].call({ to: await c.models.getAddress(), data: data.slice(0, -66) })),
    undefined,
  );
});
test("dirty calldata is refused: an expiry beyond 64 bits", async () => {
  const cert = await certified();
  const data = c.models.interface.encodeFunctionData("anchor", [
    MODEL,
    hex(object.root),
    object.leaves,
    cert,
    URI,
  ]);
  const word = cert.expiry.toString(16).padStart(64, "0");
  assert.equal(data.split(word).length, 2);
  const dirty = data.replace(word, `1${word.slice(1)}`);
  assert.equal(
    await failure(signers[0].call({ to: await c.models.getAddress(), data: dirty })),
    "bare revert",
  );
});
