// What the tests of the contracts stand on: made once, and left as it was by each of them.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ascii, pattern, sha256, zeros } from "../../tests/reference/bytes.mjs";
import * as equivalence from "../../tests/reference/equivalence.mjs";
import { R, add, mul, pow } from "../../tests/reference/field.mjs";
import { failure, send, signers, snapshot, restore } from "./chain.mjs";
import * as kzg from "./kzg.mjs";
import { G1, G2, g1, g2 } from "./points.mjs";
import * as w from "./world.mjs";

export const { hex } = w;
export const SECRETS = [101n, 102n, 103n, 104n, 105n, 106n, 107n, 108n];
export const MODEL = hex(sha256(ascii("model")));
export const URI = "ashlar://example";
export const OTHER = hex(sha256(ascii("another root")));

async function makeObject() {
  const rows = pattern(3, 1024);
  const contents = w.safetensors({
    rows: { dtype: "BF16", shape: [8, 64], data: rows },
    zeros: { dtype: "U8", shape: [4096], data: zeros(4096) },
  });
  const long = zeros(126976 + 100);
  long.set(pattern(9, 60), 126976 - 30);
  return await w.fileObject([
    { path: ascii("long.bin"), contents: long },
    { path: ascii("model.safetensors"), contents },
  ]);
}

// Contracts, nodes and their owners, an epoch, a small checkpoint that is anchored, and 300
// constant blobs, whose fold has two layers.
export const c = await w.deployAll();
export const owners = await w.accounts(8);
const members = [];
for (const [i, secret] of SECRETS.entries())
  members.push(await w.register(c.committee, owners[i], secret));
export const epoch = await w.openEpoch(c.committee, members);
export const object = await makeObject();
export const big = w.constantObject(Array.from({ length: 300 }, (_, i) => BigInt(i + 1)));
export const model = () => object.directory.tensors;
// Payload offset of a bf16 that straddles two elements.
let offset = model()[0].offset;
while ((offset % 126976) % 31 !== 30) offset += 2;
export const straddle = offset;
await send(
  c.models.anchor(
    MODEL,
    hex(object.root),
    object.leaves,
    await w.certify(c, { object, secrets: SECRETS }),
    URI,
  ),
);

// Leaves the chain as it was.
export const isolated = (name, body) =>
  test(name, async () => {
    const id = await snapshot();
    try {
      await body();
    } finally {
      await restore(id);
    }
  });

export async function refused(promise, expected) {
  const got = await failure(promise);
  assert.ok(got?.startsWith(expected), `${got}, expected ${expected}`);
}

export async function registering(secret, change = {}, owner = signers[2]) {
  const r = { ...(await w.registration(c.committee, owner.address, secret)), ...change };
  return c.committee
    .connect(owner)
    .register(g1(r.key), g2(r.possession), g2(r.consent), "a:1", OTHER, {
      value: change.value ?? w.STAKE,
    });
}

export const anchoring = (
  cert,
  { of = object, modelId = hex(sha256(ascii("fresh"))), who = signers[0] } = {},
) => c.models.connect(who).anchor(modelId, hex(of.root), of.leaves, cert, URI);
export const certified = (change = {}) => w.certify(c, { object, secrets: SECRETS, ...change });

export const cellOf = async (blob, cell) => ({
  payload: hex(
    object.payload.slice(blob * 126976 + 1984 * cell, blob * 126976 + 1984 * cell + 1984),
  ),
  proof: await kzg.proveCell(object.blobs[blob], cell),
});
export function equivalenceOf(
  of,
  first,
  end,
  { scheme = 1, w: W = sha256(ascii("weights")) } = {},
) {
  const gamma = equivalence.gammaOf({ objectRoot: of.root, first, end, scheme, w: W });
  const z = equivalence.pointOf(gamma);
  const siblings = [];
  for (let level = 0, [a, b] = [first, end]; level + 1 < of.tree.length; ++level) {
    if (a % 2 === 1) siblings.push(of.tree[level][a - 1]);
    if (b % 2 === 1) siblings.push(of.tree[level][b]);
    [a, b] = [Math.floor(a / 2), Math.ceil(b / 2)];
  }
  return {
    gamma,
    z,
    claim: { first, end, scheme, w: hex(W) },
    opening: {
      commitments: of.commitments.slice(first, end).map(g1),
      siblings: siblings.map(hex),
      y: 0n,
      proof: hex(G1.ZERO.toBytes(true)),
    },
  };
}
export function constantEquivalence(of, first, end, options) {
  const e = equivalenceOf(of, first, end, options);
  e.opening.y = of.scalars
    .slice(first, end)
    .reduce((sum, value, i) => add(sum, mul(pow(e.gamma, i), value)), 0n);
  return e;
}
export async function certifyBig() {
  const cert = await w.certify(c, { object: big, secrets: SECRETS });
  await send(anchoring(cert, { of: big, modelId: hex(sha256(ascii("big"))) }));
}

// A point of the curve of small order: [r] of one that is on the curve only.
export function outsideG1() {
  const { Fp } = G1;
  for (let x = 1n; ; ++x) {
    try {
      const y = Fp.sqrt(Fp.add(Fp.pow(x, 3n), 4n));
      const point = G1.fromAffine({ x, y });
      if (!point.isTorsionFree()) return timesOrder(point, G1);
    } catch {
      /* no such x on the curve */
    }
  }
}
export function outsideG2() {
  const { Fp } = G2;
  const four = { c0: 4n, c1: 4n };
  for (let i = 1n; ; ++i) {
    try {
      const x = { c0: i, c1: 0n };
      const y = Fp.sqrt(Fp.add(Fp.mul(Fp.mul(x, x), x), four));
      const point = G2.fromAffine({ x, y });
      if (!point.isTorsionFree()) return timesOrder(point, G2);
    } catch {
      /* no such x on the curve */
    }
  }
}
export function timesOrder(point, group) {
  let sum = group.ZERO;
  for (const bit of R.toString(2)) {
    sum = sum.double();
    if (bit === "1") sum = sum.add(point);
  }
  return sum;
}
