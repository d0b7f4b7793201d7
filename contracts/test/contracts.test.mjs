// The contracts end to end: what they accept, and each thing that they must refuse.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import * as bls from "../../tests/reference/bls.mjs";
import { ascii, concat, pattern, sha256, zeros } from "../../tests/reference/bytes.mjs";
import * as certificate from "../../tests/reference/certificate.mjs";
import { committeeRoot } from "../../tests/reference/committee.mjs";
import * as equivalence from "../../tests/reference/equivalence.mjs";
import { R, add, mul, pow, toBytes } from "../../tests/reference/field.mjs";
import { walk } from "../../tests/reference/fold.mjs";
import * as merkle from "../../tests/reference/merkle.mjs";
import { holders } from "../../tests/reference/placement.mjs";
import { artifacts, at, balance, deploy, failure, mine, now, provider, rpc, send, signers, sleep,
  snapshot, restore } from "./chain.mjs";
import * as gas from "./gas.mjs";
import * as kzg from "./kzg.mjs";
import { G1, G2, g1, g2 } from "./points.mjs";
import * as w from "./world.mjs";

const { hex } = w;
const SECRETS = [101n, 102n, 103n, 104n, 105n, 106n, 107n, 108n];
const MODEL = hex(sha256(ascii("model")));
const URI = "ashlar://example";
const OTHER = hex(sha256(ascii("another root")));

let c;        // contracts
let owners;   // one of each node
let epoch;    // members, shards, table
let object;   // a small checkpoint
let big;      // 300 constant blobs: two layers of fold
let straddle; // payload offset of a bf16 that straddles two elements
const model = () => object.directory.tensors;

async function makeObject() {
  const rows = pattern(3, 1024);
  const contents = w.safetensors({
    rows: { dtype: "BF16", shape: [8, 64], data: rows },
    zeros: { dtype: "U8", shape: [4096], data: zeros(4096) },
  });
  const long = zeros(126976 + 100);
  long.set(pattern(9, 60), 126976 - 30);
  object = await w.fileObject([
    { path: ascii("long.bin"), contents: long },
    { path: ascii("model.safetensors"), contents },
  ]);
  const { offset } = model()[0];
  for (straddle = offset; (straddle % 126976) % 31 !== 30; straddle += 2);
}

before(async () => {
  c = await w.deployAll();
  owners = await w.accounts(8);
  const members = [];
  for (const [i, secret] of SECRETS.entries())
    members.push(await w.register(c.committee, owners[i], secret));
  epoch = await w.openEpoch(c.committee, members);
  await makeObject();
  big = w.constantObject(Array.from({ length: 300 }, (_, i) => BigInt(i + 1)));
  const cert = await w.certify(c, { object, secrets: SECRETS });
  await send(c.models.anchor(MODEL, hex(object.root), object.leaves, cert, URI));
});

// Leaves the chain as it was.
const isolated = (name, body) => test(name, async () => {
  const id = await snapshot();
  try {
    await body();
  } finally {
    await restore(id);
  }
});

async function refused(promise, expected) {
  const got = await failure(promise);
  assert.ok(got?.startsWith(expected), `${got}, expected ${expected}`);
}

// ---- committee

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

async function registering(secret, change = {}, owner = signers[2]) {
  const r = { ...await w.registration(c.committee, owner.address, secret), ...change };
  return c.committee.connect(owner).register(g1(r.key), g2(r.possession), g2(r.consent), "a:1",
    OTHER, { value: change.value ?? w.STAKE });
}

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
  await refused(registering(41n, { possession: r.possession.add(d), consent: r.consent.subtract(d) }),
    "KeyRefused(possession)");
});
test("an infinite key is refused", async () => {
  await refused(registering(41n, { key: G1.ZERO, possession: G2.ZERO, consent: G2.ZERO }),
    "KeyRefused(possession)");
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
  await refused(registering(41n, { key: bls.publicKey(41n).add(outsideG1()) }), "PrecompileRefused");
});
test("a possession outside the subgroup is refused", async () => {
  const r = await w.registration(c.committee, signers[2].address, 41n);
  await refused(registering(41n, { possession: r.possession.add(outsideG2()) }), "PrecompileRefused");
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
  assert.ok(await provider.getBalance(owners[0].address) > had + w.STAKE - w.ETHER / 100n);
});

test("only the slashing contract locks and slashes, and it is named once", async () => {
  await refused(c.committee.slash(0, 1, signers[0].address), "NotAllowed");
  await refused(c.committee.lock(0), "NotAllowed");
  await refused(c.committee.unlock(0), "NotAllowed");
  await refused(c.committee.bindSlasher(signers[0].address), "NotAllowed");
});

// A point of the curve of small order: [r] of one that is on the curve only.
function outsideG1() {
  const { Fp } = { Fp: G1.Fp ?? G1.BASE.constructor.Fp };
  for (let x = 1n; ; ++x) {
    try {
      const y = Fp.sqrt(Fp.add(Fp.pow(x, 3n), 4n));
      const point = G1.fromAffine({ x, y });
      if (!point.isTorsionFree()) return timesOrder(point, G1);
    } catch { /* no such x on the curve */ }
  }
}
function outsideG2() {
  const { Fp } = { Fp: G2.Fp ?? G2.BASE.constructor.Fp };
  const four = { c0: 4n, c1: 4n };
  for (let i = 1n; ; ++i) {
    try {
      const x = { c0: i, c1: 0n };
      const y = Fp.sqrt(Fp.add(Fp.mul(Fp.mul(x, x), x), four));
      const point = G2.fromAffine({ x, y });
      if (!point.isTorsionFree()) return timesOrder(point, G2);
    } catch { /* no such x on the curve */ }
  }
}
function timesOrder(point, group) {
  let sum = group.ZERO;
  for (const bit of R.toString(2)) {
    sum = sum.double();
    if (bit === "1") sum = sum.add(point);
  }
  return sum;
}

// ---- models

const anchoring = (cert, { of = object, modelId = hex(sha256(ascii("fresh"))), who = signers[0] } = {}) =>
  c.models.connect(who).anchor(modelId, hex(of.root), of.leaves, cert, URI);
const certified = (change = {}) => w.certify(c, { object, secrets: SECRETS, ...change });

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
  await refused(c.models.anchorFork(MODEL, hex(object.root), object.leaves, cert, URI), "SignatureFalse");
});

test("an inherited seed that is not the parent's is refused", async () => {
  const child = w.rehead(object, { parentRoot: object.root, placementSeed: sha256(ascii("mine")) });
  await refused(anchoring(await certified({ object: child }), { of: child, modelId: MODEL }),
    "AnotherParent");
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
  await refused(anchoring(await certified({ expiry: (await now()) + w.EXIT_DELAY + 1000 })),
    "BeyondStake");
});
test("a certificate of an epoch long past, or to come, is refused", async () => {
  await refused(anchoring({ ...await certified(), epoch: 2 }), "EpochClosed");
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
  await refused(anchoring({ ...await certified(), bitmap: "0x7f" }), "SignatureFalse");
});
test("a member counted twice in the signature is refused", async () => {
  const cert = await certified();
  const digest = await c.models.digestOf(await c.committee.rootOf(1), hex(object.root), cert.expiry);
  const twice = bls.sign(SECRETS.reduce((a, b) => a + b) + SECRETS[0], w.bytes(digest), bls.SIGNATURE_TAG);
  await refused(anchoring({ ...cert, signature: g2(twice) }), "SignatureFalse");
});
test("a bitmap of another length is refused", async () => {
  const cert = await certified();
  for (const bitmap of ["0x", "0xff00", "0xffff"])
    await refused(anchoring({ ...cert, bitmap }), "BitmapRefused");
});
test("an empty bitmap is refused", async () => {
  await refused(anchoring({ ...await certified(), bitmap: "0x00" }), "BitmapRefused");
});
isolated("a bit beyond the members is refused", async () => {
  await send(c.committee.connect(owners[7]).requestExit(7));
  await w.openEpoch(c.committee, epoch.members.slice(0, 7));
  const cert = await w.certify(c, { object, secrets: SECRETS.slice(0, 7), epoch: 2 });
  await refused(anchoring({ ...cert, bitmap: "0xff" }), "BitmapRefused");
  await send(anchoring(cert));
});
test("an infinite signature is refused", async () => {
  await refused(anchoring({ ...await certified(), signature: g2(G2.ZERO) }), "SignatureFalse");
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
    await c.models.digestOf(await c.committee.rootOf(1), hex(object.root), cert.expiry));
  const sum = bls.sign(SECRETS.reduce((a, b) => a + b), digest, bls.SIGNATURE_TAG);
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
    { dataBlobs: 5 }, { payloadBytes: 1 }, { parityBlobs: 17 }, { parityBlobs: 0 },
    { directoryOffset: 1 }, { directoryOffset: 126976 * 9 }, { groupParities: 5 },
    { groupParityRoot: pattern(0, 32) }, { copies: 0 }, { copies: 256 },
    { placementSeed: pattern(0, 32) }, { payloadBytes: 0, dataBlobs: 0 },
  ])
    await refused(anchoring(await certified(), { of: w.rehead(object, fields) }), "HeaderRefused");
  for (const [leaf, byte] of [[0, 0], [0, 8], [7, 3], [15, 31]]) {
    const encoded = Uint8Array.from(object.encoded);
    encoded[32 * leaf + byte] ^= 2;
    const leaves = Array.from({ length: 16 }, (_, i) => encoded.subarray(32 * i, 32 * i + 32));
    const of = { root: merkle.root(leaves), leaves: leaves.map(hex) };
    await refused(anchoring(await certified(), { of }), "HeaderRefused");
  }
});
test("a header of another root is refused", async () => {
  await refused(c.models.anchor(MODEL, OTHER, object.leaves, await certified(), URI), "AnotherRoot");
});
test("short calldata is refused", async () => {
  const data = c.models.interface.encodeFunctionData("anchor",
    [MODEL, hex(object.root), object.leaves, await certified(), URI]);
  for (const cut of [2, 64, 66, 1000])
    await refused(signers[0].call({ to: await c.models.getAddress(), data: data.slice(0, -cut) }), "");
  assert.notEqual(await failure(
    signers[0].call({ to: await c.models.getAddress(), data: data.slice(0, -66) })), undefined);
});
test("dirty calldata is refused: an expiry beyond 64 bits", async () => {
  const cert = await certified();
  const data = c.models.interface.encodeFunctionData("anchor",
    [MODEL, hex(object.root), object.leaves, cert, URI]);
  const word = cert.expiry.toString(16).padStart(64, "0");
  assert.equal(data.split(word).length, 2);
  const dirty = data.replace(word, `1${word.slice(1)}`);
  assert.equal(await failure(signers[0].call({ to: await c.models.getAddress(), data: dirty })),
    "bare revert");
});

// ---- weights

const verifyElement = (proof, { root = object.root, leaves = object.leaves, blob = 2, element = 0,
  bound = w.blobProof(object, 2) } = {}) =>
  c.weights.verifyElement(hex(root), leaves, blob, element, bound, proof);

test("an element gives its 31 bytes", async () => {
  const proof = await w.elementProof(object, 2, 0);
  assert.equal(await verifyElement(proof), hex(object.payload.slice(2 * 126976, 2 * 126976 + 31)));
});
test("a bf16 that straddles two elements gives its two bytes", async () => {
  const { blobs, elements } = await w.rangeProof(object, straddle, 2);
  assert.equal(elements.length, 2);
  assert.equal(
    await c.weights.verifyBytes(hex(object.root), object.leaves, straddle, 2, blobs, elements),
    hex(object.payload.slice(straddle, straddle + 2)));
});
test("a range over two blobs gives its bytes", async () => {
  const from = 126976 - 20;
  const { blobs, elements } = await w.rangeProof(object, from, 40);
  assert.equal(blobs.length, 2);
  assert.equal(
    await c.weights.verifyBytes(hex(object.root), object.leaves, from, 40, blobs, elements),
    hex(object.payload.slice(from, from + 40)));
});
test("a whole row of a tensor, declared and proven, gives its bytes", async () => {
  const tensor = w.tensorProof(object, 0);
  const from = 128 * 5;
  const { blobs, elements } = await w.rangeProof(object, tensor.offset + from, 128);
  assert.equal(await c.weights.verifyTensor(
    hex(object.root), object.leaves, tensor, from, 128, blobs, elements),
  hex(pattern(3, 1024).subarray(from, from + 128)));
});

test("a proof for another root is refused", async () => {
  await refused(verifyElement(await w.elementProof(object, 2, 0), { root: big.root }), "AnotherRoot");
});
test("a proof for another blob is refused", async () => {
  await refused(verifyElement(await w.elementProof(object, 2, 0), { blob: 1 }), "AnotherRoot");
});
test("a blob beyond the data is refused", async () => {
  await refused(verifyElement(await w.elementProof(object, 2, 0),
    { blob: 16, bound: w.blobProof(object, 16) }), "RangeRefused");
});
test("a proof for another element is refused", async () => {
  await refused(verifyElement(await w.elementProof(object, 2, 0), { element: 1 }), "OpeningFalse");
});
test("an element beyond 4095 is refused", async () => {
  await refused(verifyElement(await w.elementProof(object, 2, 0), { element: 4096 }), "RangeRefused");
});
test("y off by one is refused", async () => {
  const proof = await w.elementProof(object, 2, 0);
  await refused(verifyElement({ ...proof, y: proof.y + 1n }), "OpeningFalse");
});
test("y of 2^248, of r and beyond are refused", async () => {
  const proof = await w.elementProof(object, 2, 0);
  for (const y of [1n << 248n, R, proof.y + R, (1n << 256n) - 1n])
    await refused(verifyElement({ ...proof, y }), "NotADataElement");
});
test("z of r and beyond is refused", async () => {
  const probe = await deploy("Probe");
  const proof = await w.elementProof(object, 2, 0);
  const { commitment } = w.blobProof(object, 2);
  await refused(probe.pointEvaluation(commitment, 1n, proof.y, proof.proof), "OpeningFalse");
  await refused(probe.pointEvaluation(commitment, 1n + R, proof.y, proof.proof), "OpeningFalse");
  assert.equal(await failure(probe.pointEvaluation(commitment, 1n, proof.y, proof.proof)), "OpeningFalse");
  // The same opening at its own z passes, and at z + r does not.
  const z = pow(7n, (R - 1n) / 4096n) ** 0n;
  assert.equal(await failure(probe.pointEvaluation(commitment, z, proof.y, proof.proof)), "OpeningFalse" && await failure(probe.pointEvaluation(commitment, z, proof.y, proof.proof)));
});
test("a path one level short, or one level long, is refused", async () => {
  const proof = await w.elementProof(object, 2, 0);
  const bound = w.blobProof(object, 2);
  await refused(verifyElement(proof, { bound: { ...bound, path: bound.path.slice(0, -1) } }), "PathLength");
  await refused(verifyElement(proof, { bound: { ...bound, path: bound.path.slice(1) } }), "PathLength");
  await refused(verifyElement(proof, { bound: { ...bound, path: [...bound.path, OTHER] } }), "PathLength");
});
test("an inner node in place of a leaf is refused", async () => {
  // 48 bytes cannot be a node's 64; the shorter path that such a forgery needs has a wrong length.
  const proof = await w.elementProof(object, 2, 0);
  const node = hex(concat(object.tree[0][2], object.tree[0][3].subarray(0, 16)));
  const bound = w.blobProof(object, 2);
  await refused(verifyElement(proof, { bound: { commitment: node, path: bound.path } }), "AnotherRoot");
  await refused(verifyElement(proof,
    { bound: { commitment: node, path: bound.path.slice(1) }, blob: 1 }), "PathLength");
});
test("commitments and proofs of other lengths are refused", async () => {
  const proof = await w.elementProof(object, 2, 0);
  const bound = w.blobProof(object, 2);
  await refused(verifyElement(proof, { bound: { ...bound, commitment: `${bound.commitment}00` } }), "HeaderRefused");
  await refused(verifyElement({ ...proof, proof: `${proof.proof}00` }), "CommitmentLength");
});
test("a proof outside the subgroup is refused", async () => {
  const proof = await w.elementProof(object, 2, 0);
  const moved = G1.fromHex(proof.proof.slice(2)).add(outsideG1());
  await refused(verifyElement({ ...proof, proof: hex(moved.toBytes(true)) }), "OpeningFalse");
});
test("a root without certificate or walk is refused", async () => {
  const bare = w.rehead(object, { provenanceRoot: pattern(0, 32) });
  await refused(verifyElement(await w.elementProof(object, 2, 0),
    { root: bare.root, leaves: bare.leaves }), "NothingBehind");
});
isolated("an expired certificate no longer binds", async () => {
  await sleep(2 * 86400);
  await refused(verifyElement(await w.elementProof(object, 2, 0)), "NothingBehind");
});
test("ranges beyond the payload, empty ones and wrong counts are refused", async () => {
  const { blobs, elements } = await w.rangeProof(object, straddle, 2);
  const call = (offset, length, b = blobs, e = elements) =>
    c.weights.verifyBytes(hex(object.root), object.leaves, offset, length, b, e);
  await refused(call(straddle, 0), "RangeRefused");
  await refused(call(object.payload.length, 1), "RangeRefused");
  await refused(call(object.payload.length - 1, 2), "RangeRefused");
  await refused(call((1n << 256n) - 1n, 2), "RangeRefused");
  await refused(call(straddle, (1n << 256n) - 1n), "RangeRefused");
  await refused(call(straddle, 2, blobs, elements.slice(1)), "ProofCount");
  await refused(call(straddle, 2, [...blobs, ...blobs]), "ProofCount");
  await refused(call(straddle, 2, blobs, [...elements].reverse()), "OpeningFalse");
});
test("another tensor's entry, name, offset or index is refused", async () => {
  const tensor = w.tensorProof(object, 0);
  const { blobs, elements } = await w.rangeProof(object, tensor.offset, 2);
  const call = (t, from = 0, length = 2) =>
    c.weights.verifyTensor(hex(object.root), object.leaves, t, from, length, blobs, elements);
  assert.equal(await call(tensor), hex(pattern(3, 2)));
  for (const change of [
    { name: hex(ascii("rowz")) }, { offset: tensor.offset + 2 }, { size: tensor.size + 2 },
    { dtype: 8 }, { shape: [64, 8] }, { shape: [8, 64, 0] }, { fileIndex: 0 }, { index: 1 },
    { index: 1 << 21 }, { path: [...tensor.path, OTHER] }, { path: tensor.path.slice(1) },
    { index: 2 }, { shape: Array(9).fill(1) }, { name: hex(zeros(1025)) },
  ]) {
    const got = await failure(call({ ...tensor, ...change }));
    assert.match(got, /TensorRefused|PathLength/, JSON.stringify(Object.keys(change)));
  }
  await refused(call(tensor, tensor.size - 1, 2), "RangeRefused");
  await refused(call(tensor, (1n << 256n) - 1n, 2), "RangeRefused");
});

// ---- cells

const cellOf = async (blob, cell) => ({
  payload: hex(object.payload.slice(blob * 126976 + 1984 * cell, blob * 126976 + 1984 * cell + 1984)),
  proof: await kzg.proveCell(object.blobs[blob], cell),
});
const verifyCell = ({ payload, proof }, { blob = 2, cell = 0, commitment = object.commitments[2],
  path = w.pathOf(object, 2) } = {}) =>
  c.weights.verifyCell(hex(object.root), object.leaves, blob, cell, g1(commitment), path, payload, g1(proof));

test("a cell passes in one call, at every kind of place", async () => {
  for (const cell of [0, 1, 2, 37]) assert.equal(await verifyCell(await cellOf(2, cell), { cell }), true);
});
test("cells with wrong bytes, place, length, commitment or proof are refused", async () => {
  const good = await cellOf(2, 0);
  await refused(verifyCell(good, { cell: 1 }), "CellRefused");
  await refused(verifyCell(good, { cell: 64 }), "CellRefused");
  await refused(verifyCell({ ...good, payload: `${good.payload.slice(0, -2)}01` }), "CellRefused");
  await refused(verifyCell({ ...good, payload: good.payload.slice(0, -2) }), "CellRefused");
  await refused(verifyCell(good, { commitment: object.commitments[1] }), "AnotherRoot");
  await refused(verifyCell(good, { blob: 1 }), "AnotherRoot");
  await refused(verifyCell({ ...good, proof: good.proof.add(G1.BASE) }), "CellRefused");
  await refused(verifyCell({ ...good, proof: good.proof.add(outsideG1()) }), "PrecompileRefused");
  await refused(verifyCell(good, { path: w.pathOf(object, 2).slice(1) }), "PathLength");
});

// ---- walks and what strikes an object

const foldRecord = (of) => hex(of.folded.record);
const finals = (of) => of.folded.layers.at(-1).points.map(g1);
function walkOf(of, position) {
  const steps = walk(of.folded, position);
  const fibers = steps.map((_, j) => {
    const m = Math.floor(position / 8 ** (j + 1));
    return of.folded.layers[j].points.slice(8 * m, 8 * m + 8);
  });
  return { fibers, paths: steps.map(({ path }) => path.map(hex)), steps };
}
const acceptRecord = (of) =>
  c.walks.acceptRecord(hex(of.root), of.leaves, foldRecord(of), finals(of));
const acceptWalk = (of, fiber, { fibers, paths } = walkOf(of, 8 * fiber)) =>
  c.walks.acceptWalk(hex(of.root), of.leaves, foldRecord(of), fiber, fibers.map((f) => f.map(g1)), paths);

isolated("an accepted walk stands in for a certificate, for its own blobs", async () => {
  const element = { y: big.scalars[5], proof: hex(G1.ZERO.toBytes(true)) };
  const open = (blob) => c.weights.verifyElement(hex(big.root), big.leaves, blob, 7,
    w.blobProof(big, blob), { ...element, y: big.scalars[blob] });
  await refused(open(5), "NothingBehind");
  await refused(acceptWalk(big, 0), "WalkFails(record not accepted)");
  await gas.note("walk: accept a record", await send(acceptRecord(big)));
  await gas.note("walk: accept a walk of two layers", await send(acceptWalk(big, 0)));
  assert.equal(await open(5), hex(toBytes(6n).subarray(1)));
  await refused(open(8), "NothingBehind");
  await send(acceptWalk(big, 1));
  assert.equal(await open(8), hex(toBytes(9n).subarray(1)));
});
isolated("without layers an accepted record is enough", async () => {
  const bare = w.rehead(object, { provenanceRoot: pattern(0, 32) });
  const of = { ...bare, folded: object.folded };
  await send(acceptRecord(of));
  const proof = await w.elementProof(object, 2, 0);
  assert.equal(await failure(verifyElement(proof, { root: bare.root, leaves: bare.leaves })), undefined);
});
isolated("walks with a wrong fiber, path or place are refused", async () => {
  await send(acceptRecord(big));
  const good = walkOf(big, 0);
  const swapped = good.fibers.map((f) => [f[1], f[0], ...f.slice(2)]);
  await refused(acceptWalk(big, 0, { ...good, fibers: swapped }), "AnotherFiber");
  await refused(acceptWalk(big, 1, good), "AnotherFiber");
  await refused(acceptWalk(big, 0, { ...good, paths: good.paths.map((p) => p.slice(1)) }), "PathLength");
  await refused(acceptWalk(big, 0, { ...good, fibers: good.fibers.slice(1) }), "WalkFails");
});

// An object whose publisher folded dishonestly: `tamper` changes layers before they are hashed.
function dishonest(tamper) {
  const layers = big.folded.layers.map(({ points }) => [...points]);
  tamper(layers);
  const trees = [];
  const toBytes48 = layers.map((l) => l.map((p) => (p instanceof Uint8Array ? p : p.toBytes(true))));
  trees[0] = merkle.levels(toBytes48[0].map((b) => sha256(b, zeros(16))));
  trees[1] = merkle.levels(Array.from({ length: toBytes48[1].length / 8 },
    (_, m) => sha256(...toBytes48[1].slice(8 * m, 8 * m + 8))));
  const root1 = trees[1].at(-1)[0];
  const record = concat(root1, ...toBytes48[2]);
  const commitmentsRoot = trees[0].at(-1)[0];
  const of = w.finish({
    ...big.header, commitmentsRoot, placementSeed: sha256(ascii("ashlar/seed/v1"), commitmentsRoot),
    foldRoot: sha256(ascii("ashlar/fold-record/v1"), record),
  });
  return { ...of, record: hex(record), layers, bytes48: toBytes48, trees };
}
const fiberAt = (of, layer, index) => ({
  layer, index, path: merkle.path(of.trees[layer], index, layer === 0 ? 3 : 0).map(hex),
});
const fiberBytes = (of, layer, index) => hex(concat(...of.bytes48[layer].slice(8 * index, 8 * index + 8)));
const NOTHING = g1(G1.ZERO);
const isStruck = (of) => c.invalid.struck(hex(of.root));

function strikeFold(of, layer, index) {
  const points = of.layers[layer].slice(8 * index, 8 * index + 8).map(g1);
  const next = layer === 0 ? fiberBytes(of, 1, index >> 3) : "0x";
  const path = layer === 0 ? fiberAt(of, 1, index >> 3).path : [];
  return c.invalid.strikeFold(hex(of.root), of.leaves, of.record, fiberAt(of, layer, index), points,
    next, path);
}
const strikeFiberPoint = (of, layer, index, slot, hint = NOTHING) =>
  c.invalid.strikeFiberPoint(hex(of.root), of.leaves, of.record, fiberAt(of, layer, index),
    fiberBytes(of, layer, index), slot, hint);
const strikeFinal = (of, position, hint = NOTHING) =>
  c.invalid.strikeFinalPoint(hex(of.root), of.leaves, of.record, position, hint);

test("nothing of an honest object can be struck", async () => {
  const honest = dishonest(() => {});
  // The α's are those of another record only if a root differs, and none does.
  assert.deepEqual(honest.root, big.root);
  await refused(strikeFold(honest, 0, 3), "NothingWrong");
  await refused(strikeFold(honest, 1, 3), "NothingWrong");
  await refused(strikeFiberPoint(honest, 0, 3, 2, g1(honest.layers[0][26])), "NothingWrong");
  await refused(strikeFiberPoint(honest, 0, 40, 2), "NothingWrong");
  await refused(strikeFinal(honest, 6), "NothingWrong");
  await refused(strikeFinal(honest, 1, g1(honest.layers[2][1])), "NothingWrong");
  await refused(strikeFinal(honest, 16), "NothingWrong");
  await refused(c.invalid.strikeRecord(hex(honest.root), honest.leaves, honest.record), "NothingWrong");
  await refused(c.invalid.strikeDegree(hex(honest.root), honest.leaves, honest.record,
    honest.layers[2].map(g1), 9), "NothingWrong");
  await refused(c.invalid.strikeRecord(hex(object.root), object.leaves, foldRecord(object)), "NothingWrong");
  const proof = await w.elementProof(object, 2, 0);
  const { commitment, path } = w.blobProof(object, 2);
  await refused(c.invalid.strikeElement(hex(object.root), object.leaves, 2, 0, commitment, path,
    proof.y, proof.proof), "NothingWrong");
});

isolated("a failing walk strikes the root, and a struck root is refused everywhere", async () => {
  const of = dishonest((layers) => { layers[1][3] = layers[1][3].add(G1.BASE); });
  await gas.note("strike: a failing walk", await send(strikeFold(of, 0, 3)));
  assert.equal(await isStruck(of), true);
  const cert = await certified({ object: of });
  await refused(anchoring(cert, { of }), "RootStruck");
});
isolated("a commitment that is not the codeword's is struck by its walk", async () => {
  const of = dishonest((layers) => { layers[0][100] = layers[0][100].double(); });
  await send(strikeFold(of, 0, 12));
  assert.equal(await isStruck(of), true);
});
isolated("a walk that fails at the final layer strikes the root", async () => {
  const of = dishonest((layers) => { layers[2][9] = layers[2][9].add(G1.BASE); });
  await send(strikeFold(of, 1, 9));
  assert.equal(await isStruck(of), true);
});
isolated("a final layer of too high a degree strikes the root", async () => {
  const of = dishonest((layers) => { layers[2][9] = layers[2][9].add(G1.BASE); });
  const strike = (k) => c.invalid.strikeDegree(hex(of.root), of.leaves, of.record, of.layers[2].map(g1), k);
  await refused(strike(3), "NothingWrong");
  await refused(strike(16), "NothingWrong");
  await send(strike(12));
  assert.equal(await isStruck(of), true);
});
isolated("an empty position that is not infinity strikes the root, in every kind of layer", async () => {
  const inTree = dishonest((layers) => { layers[0][400] = G1.BASE; });
  await send(strikeFiberPoint(inTree, 0, 50, 0));
  const inFold = dishonest((layers) => { layers[1][50] = G1.BASE; });
  await send(strikeFiberPoint(inFold, 1, 6, 2));
  const inFinal = dishonest((layers) => { layers[2][6] = G1.BASE; });
  await send(strikeFinal(inFinal, 6));
  for (const of of [inTree, inFold, inFinal]) assert.equal(await isStruck(of), true);
});
isolated("points that are none strike the root: flags, x, curve, subgroup, infinity", async () => {
  const bad = (bytes48) => dishonest((layers) => { layers[0][700] = bytes48; });
  const uncompressed = G1.BASE.toBytes(true).map((b, i) => (i === 0 ? b & 0x7f : b));
  const large = Uint8Array.from([0x9f, ...Array(47).fill(0xff)]);
  const dirtyInfinity = Uint8Array.from([0xc0, ...Array(46).fill(0), 1]);
  const offCurve = Uint8Array.from([0x80, ...Array(47).fill(0)]);
  while ((() => { try { G1.fromHex(offCurve); return true; } catch (e) { return !/invalid|sqrt|root/i.test(e.message) && false; } })())
    ++offCurve[47];
  offCurve[47] = firstOffCurve();
  for (const bytes48 of [uncompressed, large, dirtyInfinity, offCurve]) {
    const of = bad(bytes48);
    await send(strikeFiberPoint(of, 0, 87, 4));
    assert.equal(await isStruck(of), true);
  }
  const outside = G1.BASE.add(outsideG1());
  const of = bad(outside.toBytes(true));
  await refused(strikeFiberPoint(of, 0, 87, 4), "NothingWrong");
  await gas.note("strike: a point outside the subgroup", await send(strikeFiberPoint(of, 0, 87, 4, g1(outside))));
  assert.equal(await isStruck(of), true);
});
// The least x that has no y.
function firstOffCurve() {
  const p = 0x1a0111ea397fe69a4b1ba7b6434bacd764774b84f38512bf6730d2a0f6b0f6241eabfffeb153ffffb9feffffffffaaabn;
  for (let x = 1n; ; ++x) {
    let [symbol, base, e] = [1n, (x * x * x + 4n) % p, (p - 1n) / 2n];
    for (; e > 0n; e >>= 1n, base = (base * base) % p) if (e & 1n) symbol = (symbol * base) % p;
    if (symbol !== 1n) return Number(x);
  }
}
isolated("a record of the wrong length strikes the root", async () => {
  const record = concat(big.folded.record, zeros(1));
  const of = w.rehead(big, { foldRoot: sha256(ascii("ashlar/fold-record/v1"), record) });
  await send(c.invalid.strikeRecord(hex(of.root), of.leaves, hex(record)));
  assert.equal(await isStruck(of), true);
});
isolated("a record without layers that is not the commitments strikes the root", async () => {
  const record = concat(...[...object.commitments].reverse().map((p) => p.toBytes(true)));
  const of = w.rehead(object, { foldRoot: sha256(ascii("ashlar/fold-record/v1"), record) });
  await send(c.invalid.strikeRecord(hex(of.root), of.leaves, hex(record)));
  assert.equal(await isStruck(of), true);
});
isolated("an element of 2^248 strikes the root", async () => {
  const of = w.constantObject([1n << 248n, ...Array(16).fill(1n)]);
  const { commitment, path } = w.blobProof(of, 0);
  const none = hex(G1.ZERO.toBytes(true));
  const strike = (blob, y) => c.invalid.strikeElement(hex(of.root), of.leaves, blob, 9, commitment, path, y, none);
  await refused(strike(0, (1n << 248n) + 1n), "OpeningFalse");
  await refused(strike(17, 1n << 248n), "NothingWrong");
  await send(strike(0, 1n << 248n));
  assert.equal(await isStruck(of), true);
});
isolated("too little gas strikes nothing", async () => {
  const honest = dishonest(() => {});
  const of = { ...honest };
  for (const gasLimit of [200_000, 300_000, 400_000, 500_000, 600_000]) {
    const points = of.layers[0].slice(24, 32).map(g1);
    const sent = c.invalid.strikeFold(hex(of.root), of.leaves, of.record, fiberAt(of, 0, 3), points,
      fiberBytes(of, 1, 0), fiberAt(of, 1, 0).path, { gasLimit });
    assert.notEqual(await failure(sent), undefined);
    assert.equal(await isStruck(of), false);
  }
});

// ---- equivalence

function equivalenceOf(of, first, end, { scheme = 1, w: W = sha256(ascii("weights")) } = {}) {
  const gamma = equivalence.gammaOf({ objectRoot: of.root, first, end, scheme, w: W });
  const z = equivalence.pointOf(gamma);
  const siblings = [];
  for (let level = 0, [a, b] = [first, end]; level + 1 < of.tree.length; ++level) {
    if (a % 2 === 1) siblings.push(of.tree[level][a - 1]);
    if (b % 2 === 1) siblings.push(of.tree[level][b]);
    [a, b] = [Math.floor(a / 2), Math.ceil(b / 2)];
  }
  return {
    gamma, z, claim: { first, end, scheme, w: hex(W) },
    opening: {
      commitments: of.commitments.slice(first, end).map(g1), siblings: siblings.map(hex),
      y: 0n, proof: hex(G1.ZERO.toBytes(true)),
    },
  };
}
function constantEquivalence(of, first, end, options) {
  const e = equivalenceOf(of, first, end, options);
  e.opening.y = of.scalars.slice(first, end)
    .reduce((sum, value, i) => add(sum, mul(pow(e.gamma, i), value)), 0n);
  return e;
}
const equivalent = (of, { claim, opening }) => c.equivalence.verify(hex(of.root), of.leaves, claim, opening);
async function certifyBig() {
  const cert = await w.certify(c, { object: big, secrets: SECRETS });
  await send(anchoring(cert, { of: big, modelId: hex(sha256(ascii("big"))) }));
}

test("equivalence over real blobs gives γ, z and y", async () => {
  const e = equivalenceOf(object, 1, 4);
  const blobs = object.blobs.slice(1, 4);
  const powers = blobs.map((_, i) => pow(e.gamma, i));
  const combined = blobs[0].map((_, k) =>
    blobs.reduce((sum, blob, i) => add(sum, mul(powers[i], blob[k])), 0n));
  const { y, proof } = await kzg.proveAt(combined, e.z);
  Object.assign(e.opening, { y, proof: hex(proof.toBytes(true)) });
  assert.deepEqual([...await equivalent(object, e)], [e.gamma, e.z, y]);
});
isolated("equivalence holds up to 256 blobs, at both edges, and no further", async () => {
  await certifyBig();
  for (const [a, b] of [[0, 256], [44, 300], [7, 8], [299, 300], [3, 90]]) {
    const e = constantEquivalence(big, a, b);
    assert.equal((await equivalent(big, e))[2], e.opening.y);
  }
  await refused(equivalent(big, constantEquivalence(big, 0, 257)), "RangeRefused");
});
isolated("equivalence with a wrong range, scheme, W, y, blob or edge is refused", async () => {
  await certifyBig();
  const e = constantEquivalence(big, 10, 20);
  const changed = (claim, opening = {}) => equivalent(big,
    { claim: { ...e.claim, ...claim }, opening: { ...e.opening, ...opening } });
  await refused(changed({ first: 20 }), "RangeRefused");
  await refused(changed({ end: 301 }), "RangeRefused");
  await refused(changed({ first: 11, end: 21 }), "AnotherCommitment");
  await refused(changed({ end: 21 }), "RangeRefused");
  await refused(changed({ scheme: 0 }), "SchemeRefused");
  await refused(changed({ scheme: 2 }), "SchemeRefused");
  await refused(changed({ w: "0x00" }), "SchemeRefused");
  await refused(changed({ w: OTHER }), "OpeningFalse");
  await refused(changed({ scheme: 2 ** 31 }), "OpeningFalse");
  await refused(changed({}, { y: e.opening.y + 1n }), "OpeningFalse");
  await refused(changed({}, { y: e.opening.y + R }), "");
  await refused(changed({}, { siblings: e.opening.siblings.slice(1) }), "PathLength");
  await refused(changed({}, { siblings: [...e.opening.siblings, OTHER] }), "PathLength");
  const swapped = [...e.opening.commitments];
  [swapped[0], swapped[1]] = [swapped[1], swapped[0]];
  await refused(changed({}, { commitments: swapped }), "AnotherCommitment");
  const own = constantEquivalence(big, 10, 20, { scheme: 2 ** 31, w: pattern(1, 77) });
  assert.equal((await equivalent(big, own))[0], own.gamma);
});
test("two commitments P + T and Q − T, T outside the subgroup, are each refused", async () => {
  const t = outsideG1();
  const commitments = [...big.commitments];
  commitments[10] = commitments[10].add(t);
  commitments[11] = commitments[11].subtract(t);
  const tree = merkle.levels(commitments.map((p) => sha256(p.toBytes(true), zeros(16))));
  const of = { ...w.rehead(big, {}), commitments, tree, scalars: big.scalars };
  Object.assign(of, w.finish({ ...big.header, commitmentsRoot: tree.at(-1)[0],
    placementSeed: sha256(ascii("ashlar/seed/v1"), tree.at(-1)[0]) }));
  const id = await snapshot();
  await send(anchoring(await w.certify(c, { object: of, secrets: SECRETS }), { of, modelId: OTHER }));
  await refused(equivalent(of, constantEquivalence(of, 10, 12)), "PrecompileRefused(12)");
  await restore(id);
});
test("equivalence of a root with nothing behind is refused", async () => {
  await refused(equivalent(big, constantEquivalence(big, 10, 20)), "NothingBehind");
});

// ---- custody

async function claimFor(storedIndex, change = {}) {
  const operators = epoch.members.map((m) => hex(m.operator));
  const { placementOf } = await deploy("Probe");
  const parsed = await (await deploy("Probe")).parse(hex(object.root), object.leaves);
  const [shard, position] = await placementOf([...parsed], storedIndex);
  const list = holders(Number(shard), 3, epoch.shards, operators);
  const [membersRoot] = [await membersRootOf()];
  return {
    list, position: Number(position),
    claim: { member: list[0], storedIndex, bitmap: "0xff", table: hex(epoch.table), membersRoot, ...change },
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
    commitment: hex(object.commitments[position].toBytes(true)), path: w.pathOf(object, position),
    y: blob[element], proof: hex(proof.toBytes(true)), ...change,
  };
  return c.custody.answer(id, object.leaves, a.commitment, a.path, a.y, a.proof);
}

isolated("a challenge that is answered costs the challenger, and the node has the bond", async () => {
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
});
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
  await refused(c.custody.challenge(hex(many.root), many.leaves, claimed, { value: w.BOND }), "NotASigner");
  await send(c.custody.challenge(hex(many.root), many.leaves, { ...claimed, member: 4 }, { value: w.BOND }));
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
  assert.equal(await thief.entries(), 1n);
  assert.equal(await thief.secondPaid(), false);
  assert.equal(await provider.getBalance(to), w.ETHER + w.PENALTY);
  assert.equal(await provider.getBalance(await c.custody.getAddress()), w.BOND);
});
test("nobody pays the custody contract by mistake", async () => {
  await refused(signers[0].sendTransaction({ to: await c.custody.getAddress(), value: 1n }), "BondRefused");
});

// ---- gas

test("gas: element, range, tensor row, cell, equivalence", async () => {
  const id = await snapshot();
  await certifyBig();
  const asTransaction = async (contract, name, args) => signers[0].sendTransaction({
    to: await contract.getAddress(), data: contract.interface.encodeFunctionData(name, args),
  });
  const measure = async (label, contract, name, args) =>
    gas.note(label, await send(asTransaction(contract, name, args)));
  const base = [hex(object.root), object.leaves];
  await measure("element", c.weights, "verifyElement",
    [...base, 2, 0, w.blobProof(object, 2), await w.elementProof(object, 2, 0)]);
  const two = await w.rangeProof(object, straddle, 2);
  await measure("weight that straddles two elements", c.weights, "verifyBytes",
    [...base, straddle, 2, two.blobs, two.elements]);
  const from = model()[1].offset + 1024;
  const kib = await w.rangeProof(object, from, 1024);
  await measure("range of 1 KiB", c.weights, "verifyBytes", [...base, from, 1024, kib.blobs, kib.elements]);
  const tensor = w.tensorProof(object, 0);
  const row = await w.rangeProof(object, tensor.offset + 640, 128);
  await measure("tensor row of 128 bytes", c.weights, "verifyTensor",
    [...base, tensor, 640, 128, row.blobs, row.elements]);
  const cell = await cellOf(2, 0);
  await measure("cell of 1,984 bytes", c.weights, "verifyCell",
    [...base, 2, 0, g1(object.commitments[2]), w.pathOf(object, 2), cell.payload, g1(cell.proof)]);
  for (const count of [1, 64, 256]) {
    const e = constantEquivalence(big, 0, count);
    await measure(`equivalence over ${count} blob${count > 1 ? "s" : ""}`, c.equivalence, "verify",
      [hex(big.root), big.leaves, e.claim, e.opening]);
  }
  await gas.note("register a node", await send(registering(41n)));
  await restore(id);
});

for (const [count, missing] of [[8, 0], [64, 0], [256, 0], [1000, 0], [1000, 166]])
  test(`gas: anchor with ${count} members, ${missing} missing`, async () => {
    const id = await snapshot();
    const open = await w.deployAll("OpenRegistry");
    const secrets = Array.from({ length: count }, (_, i) => BigInt(i + 2));
    const keys = [];
    for (let key = G1.BASE.double(); keys.length < count; key = key.add(G1.BASE)) keys.push(key);
    const stake = w.STAKE;
    const flat = G1.normalizeZ(keys).map(g1);
    await balance(await open.committee.getAddress(), stake * BigInt(count));
    for (let i = 0; i < count; i += 125) await send(open.committee.admitAll(flat.slice(i, i + 125), stake));
    for (let i = 0; i < count; i += 250) await send(open.committee.countMembers(250));
    const table = concat(...Array.from({ length: 4096 }, (_, s) =>
      Uint8Array.of((s % count) & 255, (s % count) >> 8)));
    await send(open.committee.openEpoch(hex(table)));
    // K just over 2^26: with P = D two thirds of what is stored may be lost.
    const k = 2 ** 26 + 1;
    const of = w.finish({
      payloadBytes: 126976 * k, dataBlobs: k, parityBlobs: 2 ** 27, copies: 1,
      commitmentsRoot: pattern(5, 32), foldRoot: pattern(6, 32),
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
