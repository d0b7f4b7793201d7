// WeightVerifier: elements, ranges, tensors, cells.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ascii, concat, pattern, zeros } from "../../tests/reference/bytes.mjs";
import * as certificate from "../../tests/reference/certificate.mjs";
import { R } from "../../tests/reference/field.mjs";
import { walk } from "../../tests/reference/fold.mjs";
import { at, deploy, failure, signers, sleep } from "./chain.mjs";
import { G1, compressAny, g1 } from "./points.mjs";
import * as w from "./world.mjs";
import {
  hex,
  OTHER,
  c,
  object,
  big,
  straddle,
  isolated,
  refused,
  cellOf,
  outsideG1,
} from "./stage.mjs";

const verifyElement = (
  proof,
  {
    root = object.root,
    leaves = object.leaves,
    blob = 2,
    element = 0,
    bound = w.blobProof(object, 2),
  } = {},
) => c.weights.verifyElement(hex(root), leaves, blob, element, bound, proof);

test("an element gives its 31 bytes", async () => {
  const proof = await w.elementProof(object, 2, 0);
  assert.equal(await verifyElement(proof), hex(object.payload.slice(2 * 126976, 2 * 126976 + 31)));
});
test("a bf16 that straddles two elements gives its two bytes", async () => {
  const { blobs, elements } = await w.rangeProof(object, straddle, 2);
  assert.equal(elements.length, 2);
  assert.equal(
    await c.weights.verifyBytes(hex(object.root), object.leaves, straddle, 2, blobs, elements),
    hex(object.payload.slice(straddle, straddle + 2)),
  );
});
test("a range over two blobs gives its bytes", async () => {
  const from = 126976 - 20;
  const { blobs, elements } = await w.rangeProof(object, from, 40);
  assert.equal(blobs.length, 2);
  assert.equal(
    await c.weights.verifyBytes(hex(object.root), object.leaves, from, 40, blobs, elements),
    hex(object.payload.slice(from, from + 40)),
  );
});
test("a whole row of a tensor, declared and proven, gives its bytes", async () => {
  const tensor = w.tensorProof(object, 0);
  const from = 128 * 5;
  const { blobs, elements } = await w.rangeProof(object, tensor.offset + from, 128);
  assert.equal(
    await c.weights.verifyTensor(
      hex(object.root),
      object.leaves,
      tensor,
      from,
      128,
      blobs,
      elements,
    ),
    hex(pattern(3, 1024).subarray(from, from + 128)),
  );
});

test("a proof for another root is refused", async () => {
  await refused(
    verifyElement(await w.elementProof(object, 2, 0), { root: big.root }),
    "AnotherRoot",
  );
});
test("a proof for another blob is refused", async () => {
  await refused(verifyElement(await w.elementProof(object, 2, 0), { blob: 1 }), "AnotherRoot");
});
test("a blob beyond the data is refused", async () => {
  await refused(
    verifyElement(await w.elementProof(object, 2, 0), { blob: 16, bound: w.blobProof(object, 16) }),
    "RangeRefused",
  );
});
test("a proof for another element is refused", async () => {
  await refused(verifyElement(await w.elementProof(object, 2, 0), { element: 1 }), "OpeningFalse");
});
test("an element beyond 4095 is refused", async () => {
  await refused(
    verifyElement(await w.elementProof(object, 2, 0), { element: 4096 }),
    "RangeRefused",
  );
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
  // Element 0 lies at z = 1.
  assert.equal(
    await failure(probe.pointEvaluation(commitment, 1n, proof.y, proof.proof)),
    undefined,
  );
  for (const z of [1n + R, R, (1n << 256n) - 1n])
    await refused(probe.pointEvaluation(commitment, z, proof.y, proof.proof), "OpeningFalse");
});
test("a path one level short, or one level long, is refused", async () => {
  const proof = await w.elementProof(object, 2, 0);
  const bound = w.blobProof(object, 2);
  await refused(
    verifyElement(proof, { bound: { ...bound, path: bound.path.slice(0, -1) } }),
    "PathLength",
  );
  await refused(
    verifyElement(proof, { bound: { ...bound, path: bound.path.slice(1) } }),
    "PathLength",
  );
  await refused(
    verifyElement(proof, { bound: { ...bound, path: [...bound.path, OTHER] } }),
    "PathLength",
  );
});
test("an inner node in place of a leaf is refused", async () => {
  // 48 bytes cannot be a node's 64; the shorter path that such a forgery needs has a wrong length.
  const proof = await w.elementProof(object, 2, 0);
  const node = hex(concat(object.tree[0][2], object.tree[0][3].subarray(0, 16)));
  const bound = w.blobProof(object, 2);
  await refused(
    verifyElement(proof, { bound: { commitment: node, path: bound.path } }),
    "AnotherRoot",
  );
  await refused(
    verifyElement(proof, { bound: { commitment: node, path: bound.path.slice(1) }, blob: 1 }),
    "PathLength",
  );
});
test("commitments and proofs of other lengths are refused", async () => {
  const proof = await w.elementProof(object, 2, 0);
  const bound = w.blobProof(object, 2);
  await refused(
    verifyElement(proof, { bound: { ...bound, commitment: `${bound.commitment}00` } }),
    "HeaderRefused",
  );
  await refused(verifyElement({ ...proof, proof: `${proof.proof}00` }), "CommitmentLength");
});
test("a proof outside the subgroup is refused", async () => {
  const proof = await w.elementProof(object, 2, 0);
  const moved = G1.fromHex(proof.proof.slice(2)).add(outsideG1());
  await refused(verifyElement({ ...proof, proof: hex(compressAny(moved)) }), "OpeningFalse");
});
test("a root without certificate or walk is refused", async () => {
  const bare = w.rehead(object, { provenanceRoot: pattern(0, 32) });
  await refused(
    verifyElement(await w.elementProof(object, 2, 0), { root: bare.root, leaves: bare.leaves }),
    "NothingBehind",
  );
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
test("short calldata, and offsets and lengths beyond it, are refused", async () => {
  const { blobs, elements } = await w.rangeProof(object, straddle, 2);
  const args = [hex(object.root), object.leaves, straddle, 2, blobs, elements];
  const data = c.weights.interface.encodeFunctionData("verifyBytes", args);
  const to = await c.weights.getAddress();
  const call = (changed) => signers[0].call({ to, data: changed });
  assert.equal(await failure(call(data)), undefined);
  // The last 16 bytes only pad the last proof of 48: nothing reads them.
  for (const cut of [34, 64, 66, 2000, data.length - 10])
    assert.notEqual(await failure(call(data.slice(0, -cut))), undefined, `${cut}`);
  // The words that say where blobs and elements begin, and how many there are.
  const head = 10 + 64 * (1 + 16 + 2);
  const wordAt = (at) => parseInt(data.slice(at + 48, at + 64), 16);
  for (const at of [head, head + 64, 10 + 2 * wordAt(head), 10 + 2 * wordAt(head + 64)])
    for (const word of ["f".repeat(64), `8${"0".repeat(63)}`, "ffff".padStart(64, "0")]) {
      const dirty = data.slice(0, at) + word + data.slice(at + 64);
      assert.notEqual(await failure(call(dirty)), undefined, `${at} ${word}`);
    }
});
test("another tensor's entry, name, offset or index is refused", async () => {
  const tensor = w.tensorProof(object, 0);
  const { blobs, elements } = await w.rangeProof(object, tensor.offset, 2);
  const call = (t, from = 0, length = 2) =>
    c.weights.verifyTensor(hex(object.root), object.leaves, t, from, length, blobs, elements);
  assert.equal(await call(tensor), hex(pattern(3, 2)));
  for (const change of [
    { name: hex(ascii("rowz")) },
    { offset: tensor.offset + 2 },
    { size: tensor.size + 2 },
    { dtype: 8 },
    { shape: [64, 8] },
    { shape: [8, 64, 0] },
    { fileIndex: 0 },
    { index: 1 },
    { index: 1 << 21 },
    { path: [...tensor.path, OTHER] },
    { path: tensor.path.slice(1) },
    { index: 2 },
    { shape: Array(9).fill(1) },
    { name: hex(zeros(1025)) },
  ]) {
    const got = await failure(call({ ...tensor, ...change }));
    assert.match(got, /TensorRefused|PathLength/, JSON.stringify(Object.keys(change)));
  }
  await refused(call(tensor, tensor.size - 1, 2), "RangeRefused");
  await refused(call(tensor, (1n << 256n) - 1n, 2), "RangeRefused");
});

const verifyCell = (
  { payload, proof },
  { blob = 2, cell = 0, commitment = object.commitments[2], path = w.pathOf(object, 2) } = {},
) =>
  c.weights.verifyCell(
    hex(object.root),
    object.leaves,
    blob,
    cell,
    g1(commitment),
    path,
    payload,
    g1(proof),
  );

test("a cell passes in one call, at every kind of place", async () => {
  for (const cell of [0, 1, 2, 37])
    assert.equal(await verifyCell(await cellOf(2, cell), { cell }), true);
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
