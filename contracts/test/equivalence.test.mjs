// EquivalenceVerifier.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ascii, pattern, sha256, zeros } from "../../tests/reference/bytes.mjs";
import * as equivalence from "../../tests/reference/equivalence.mjs";
import { R, add, mul, pow } from "../../tests/reference/field.mjs";
import * as merkle from "../../tests/reference/merkle.mjs";
import { at, send, snapshot, restore } from "./chain.mjs";
import * as kzg from "./kzg.mjs";
import { compressAny } from "./points.mjs";
import * as w from "./world.mjs";
import {
  hex,
  SECRETS,
  OTHER,
  c,
  object,
  big,
  isolated,
  refused,
  anchoring,
  equivalenceOf,
  constantEquivalence,
  certifyBig,
  outsideG1,
} from "./stage.mjs";

const equivalent = (of, { claim, opening }) =>
  c.equivalence.verify(hex(of.root), of.leaves, claim, opening);
test("equivalence over real blobs gives γ, z and y", async () => {
  const e = equivalenceOf(object, 1, 4);
  const blobs = object.blobs.slice(1, 4);
  const powers = blobs.map((_, i) => pow(e.gamma, i));
  const combined = blobs[0].map((_, k) =>
    blobs.reduce((sum, blob, i) => add(sum, mul(powers[i], blob[k])), 0n),
  );
  const { y, proof } = await kzg.proveAt(combined, e.z);
  Object.assign(e.opening, { y, proof: hex(proof.toBytes(true)) });
  assert.deepEqual([...(await equivalent(object, e))], [e.gamma, e.z, y]);
});
isolated("equivalence holds up to 256 blobs, at both edges, and no further", async () => {
  await certifyBig();
  for (const [a, b] of [
    [0, 256],
    [44, 300],
    [7, 8],
    [299, 300],
    [3, 90],
  ]) {
    const e = constantEquivalence(big, a, b);
    assert.equal((await equivalent(big, e))[2], e.opening.y);
  }
  await refused(equivalent(big, constantEquivalence(big, 0, 257)), "RangeRefused");
});
isolated("equivalence with a wrong range, scheme, W, y, blob or edge is refused", async () => {
  await certifyBig();
  const e = constantEquivalence(big, 10, 20);
  const changed = (claim, opening = {}) =>
    equivalent(big, { claim: { ...e.claim, ...claim }, opening: { ...e.opening, ...opening } });
  await refused(changed({ first: 20 }), "RangeRefused");
  await refused(changed({ end: 301 }), "RangeRefused");
  await refused(changed({ first: 11, end: 21 }), "PathLength");
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
  const tree = merkle.levels(
    commitments.map((p) => sha256(p.is0() ? p.toBytes(true) : compressAny(p), zeros(16))),
  );
  const of = { ...w.rehead(big, {}), commitments, tree, scalars: big.scalars };
  Object.assign(
    of,
    w.finish({
      ...big.header,
      commitmentsRoot: tree.at(-1)[0],
      placementSeed: sha256(ascii("ashlar/seed/v1"), tree.at(-1)[0]),
    }),
  );
  const id = await snapshot();
  await send(
    anchoring(await w.certify(c, { object: of, secrets: SECRETS }), { of, modelId: OTHER }),
  );
  await refused(equivalent(of, constantEquivalence(of, 10, 12)), "PrecompileRefused(12)");
  await restore(id);
});
test("equivalence of a root with nothing behind is refused", async () => {
  await refused(equivalent(big, constantEquivalence(big, 10, 20)), "NothingBehind");
});
