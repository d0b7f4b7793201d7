// WalkVerifier and InvalidObject.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ascii, concat, pattern, sha256, zeros } from "../../tests/reference/bytes.mjs";
import { toBytes } from "../../tests/reference/field.mjs";
import { walk } from "../../tests/reference/fold.mjs";
import * as merkle from "../../tests/reference/merkle.mjs";
import { failure, send } from "./chain.mjs";
import * as gas from "./gas.mjs";
import { G1, compressAny, g1 } from "./points.mjs";
import * as w from "./world.mjs";
import {
  hex,
  c,
  object,
  big,
  isolated,
  refused,
  anchoring,
  certified,
  outsideG1,
} from "./stage.mjs";

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
  c.walks.acceptWalk(
    hex(of.root),
    of.leaves,
    foldRecord(of),
    fiber,
    fibers.map((f) => f.map(g1)),
    paths,
  );

isolated("an accepted walk stands in for a certificate, for its own blobs", async () => {
  const element = { y: big.scalars[5], proof: hex(G1.ZERO.toBytes(true)) };
  const open = (blob) =>
    c.weights.verifyElement(hex(big.root), big.leaves, blob, 7, w.blobProof(big, blob), {
      ...element,
      y: big.scalars[blob],
    });
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
  assert.equal(
    await failure(
      c.weights.verifyElement(hex(bare.root), bare.leaves, 2, 0, w.blobProof(object, 2), proof),
    ),
    undefined,
  );
});
isolated("walks with a wrong fiber, path or place are refused", async () => {
  await send(acceptRecord(big));
  const good = walkOf(big, 0);
  const swapped = good.fibers.map((f) => [f[1], f[0], ...f.slice(2)]);
  await refused(acceptWalk(big, 0, { ...good, fibers: swapped }), "AnotherFiber");
  await refused(acceptWalk(big, 1, good), "AnotherFiber");
  await refused(
    acceptWalk(big, 0, { ...good, paths: good.paths.map((p) => p.slice(1)) }),
    "PathLength",
  );
  await refused(acceptWalk(big, 0, { ...good, fibers: good.fibers.slice(1) }), "WalkFails");
});

// An object whose publisher folded dishonestly: `tamper` changes layers before they are hashed.
function dishonest(tamper) {
  const layers = big.folded.layers.map(({ points }) => [...points]);
  tamper(layers);
  const trees = [];
  const toBytes48 = layers.map((l) =>
    l.map((p) => (p instanceof Uint8Array ? p : p.toBytes(true))),
  );
  trees[0] = merkle.levels(toBytes48[0].map((b) => sha256(b, zeros(16))));
  trees[1] = merkle.levels(
    Array.from({ length: toBytes48[1].length / 8 }, (_, m) =>
      sha256(...toBytes48[1].slice(8 * m, 8 * m + 8)),
    ),
  );
  const root1 = trees[1].at(-1)[0];
  const record = concat(root1, ...toBytes48[2]);
  const commitmentsRoot = trees[0].at(-1)[0];
  const of = w.finish({
    ...big.header,
    commitmentsRoot,
    placementSeed: sha256(ascii("ashlar/seed/v1"), commitmentsRoot),
    foldRoot: sha256(ascii("ashlar/fold-record/v1"), record),
  });
  return { ...of, record: hex(record), layers, bytes48: toBytes48, trees };
}
const fiberAt = (of, layer, index) => ({
  layer,
  index,
  path: merkle.path(of.trees[layer], index, layer === 0 ? 3 : 0).map(hex),
});
const fiberBytes = (of, layer, index) =>
  hex(concat(...of.bytes48[layer].slice(8 * index, 8 * index + 8)));
const NOTHING = g1(G1.ZERO);
const isStruck = (of) => c.invalid.struck(hex(of.root));

function strikeFold(of, layer, index) {
  const points = of.layers[layer].slice(8 * index, 8 * index + 8).map(g1);
  const next = layer === 0 ? fiberBytes(of, 1, index >> 3) : "0x";
  const path = layer === 0 ? fiberAt(of, 1, index >> 3).path : [];
  return c.invalid.strikeFold(
    hex(of.root),
    of.leaves,
    of.record,
    fiberAt(of, layer, index),
    points,
    next,
    path,
  );
}
const strikeFiberPoint = (of, layer, index, slot, hint = NOTHING) =>
  c.invalid.strikeFiberPoint(
    hex(of.root),
    of.leaves,
    of.record,
    fiberAt(of, layer, index),
    fiberBytes(of, layer, index),
    slot,
    hint,
  );
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
  await refused(
    c.invalid.strikeRecord(hex(honest.root), honest.leaves, honest.record),
    "NothingWrong",
  );
  await refused(
    c.invalid.strikeDegree(
      hex(honest.root),
      honest.leaves,
      honest.record,
      honest.layers[2].map(g1),
      9,
    ),
    "NothingWrong",
  );
  await refused(
    c.invalid.strikeRecord(hex(object.root), object.leaves, foldRecord(object)),
    "NothingWrong",
  );
  const proof = await w.elementProof(object, 2, 0);
  const { commitment, path } = w.blobProof(object, 2);
  await refused(
    c.invalid.strikeElement(
      hex(object.root),
      object.leaves,
      2,
      0,
      commitment,
      path,
      proof.y,
      proof.proof,
    ),
    "NothingWrong",
  );
});

isolated("a failing walk strikes the root, and a struck root is refused everywhere", async () => {
  const of = dishonest((layers) => {
    layers[1][3] = layers[1][3].add(G1.BASE);
  });
  await gas.note("strike: a failing walk", await send(strikeFold(of, 0, 3)));
  assert.equal(await isStruck(of), true);
  const cert = await certified({ object: of });
  await refused(anchoring(cert, { of }), "RootStruck");
});
isolated("a commitment that is not the codeword's is struck by its walk", async () => {
  const of = dishonest((layers) => {
    layers[0][100] = layers[0][100].double();
  });
  await send(strikeFold(of, 0, 12));
  assert.equal(await isStruck(of), true);
});
isolated("a walk that fails at the final layer strikes the root", async () => {
  const of = dishonest((layers) => {
    layers[2][9] = layers[2][9].add(G1.BASE);
  });
  await send(strikeFold(of, 1, 9));
  assert.equal(await isStruck(of), true);
});
isolated("a final layer of too high a degree strikes the root", async () => {
  const of = dishonest((layers) => {
    layers[2][9] = layers[2][9].add(G1.BASE);
  });
  const strike = (k) =>
    c.invalid.strikeDegree(hex(of.root), of.leaves, of.record, of.layers[2].map(g1), k);
  await refused(strike(3), "NothingWrong");
  await refused(strike(16), "NothingWrong");
  await send(strike(12));
  assert.equal(await isStruck(of), true);
});
isolated(
  "an empty position that is not infinity strikes the root, in every kind of layer",
  async () => {
    const inTree = dishonest((layers) => {
      layers[0][400] = G1.BASE;
    });
    await send(strikeFiberPoint(inTree, 0, 50, 0));
    const inFold = dishonest((layers) => {
      layers[1][50] = G1.BASE;
    });
    await send(strikeFiberPoint(inFold, 1, 6, 2));
    const inFinal = dishonest((layers) => {
      layers[2][6] = G1.BASE;
    });
    await send(strikeFinal(inFinal, 6));
    for (const of of [inTree, inFold, inFinal]) assert.equal(await isStruck(of), true);
  },
);
isolated("points that are none strike the root: flags, x, curve, subgroup, infinity", async () => {
  const bad = (bytes48) =>
    dishonest((layers) => {
      layers[0][700] = bytes48;
    });
  const uncompressed = G1.BASE.toBytes(true).map((b, i) => (i === 0 ? b & 0x7f : b));
  const large = Uint8Array.from([0x9f, ...Array(47).fill(0xff)]);
  const dirtyInfinity = Uint8Array.from([0xc0, ...Array(46).fill(0), 1]);
  const offCurve = Uint8Array.from([0x80, ...Array(47).fill(0)]);
  offCurve[47] = firstOffCurve();
  for (const bytes48 of [uncompressed, large, dirtyInfinity, offCurve]) {
    const of = bad(bytes48);
    await send(strikeFiberPoint(of, 0, 87, 4));
    assert.equal(await isStruck(of), true);
  }
  const outside = G1.BASE.add(outsideG1());
  const of = bad(compressAny(outside));
  await refused(strikeFiberPoint(of, 0, 87, 4), "NothingWrong");
  await gas.note(
    "strike: a point outside the subgroup",
    await send(strikeFiberPoint(of, 0, 87, 4, g1(outside))),
  );
  assert.equal(await isStruck(of), true);
});
// The least x that has no y.
function firstOffCurve() {
  const p = G1.Fp.ORDER;
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
  const strike = (blob, y) =>
    c.invalid.strikeElement(hex(of.root), of.leaves, blob, 9, commitment, path, y, none);
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
    const sent = c.invalid.strikeFold(
      hex(of.root),
      of.leaves,
      of.record,
      fiberAt(of, 0, 3),
      points,
      fiberBytes(of, 1, 0),
      fiberAt(of, 1, 0).path,
      { gasLimit },
    );
    assert.notEqual(await failure(sent), undefined);
    assert.equal(await isStruck(of), false);
  }
});
