// fold: the record, its challenges, and walks.

import { ascii, concat, equal, sha256, sha512, u64be } from "./bytes.mjs";
import { leaf, tree as commitmentTree } from "./commitments.mjs";
import { G1_MODULE, allToBytes, combine, parseG1 } from "./curve.mjs";
import { add, coefficients, fromDigest, inverse, log2, mul, pow, reverseBits, rootOfUnity }
  from "./field.mjs";
import * as merkle from "./merkle.mjs";

const FINAL_MAX = 64;

export function layerSizes(domain) {
  const sizes = [2 * domain];
  while (sizes.at(-1) > FINAL_MAX) sizes.push(sizes.at(-1) / 8);
  return sizes;  // J = sizes.length − 1
}

// λ_0 … λ_7 for fiber m of a layer of N points.
export function weights(layerPoints, fiber, alpha) {
  const w = rootOfUnity(layerPoints);
  const zeta = pow(w, layerPoints / 8);
  const x0 = pow(w, reverseBits(fiber, log2(layerPoints) - 3));
  return Array.from({ length: 8 }, (_, i) => {
    const base = mul(alpha, inverse(mul(x0, pow(zeta, reverseBits(i, 3)))));
    let sum = 0n;
    for (let k = 0, power = 1n; k < 8; ++k, power = mul(power, base)) sum = add(sum, power);
    return mul(sum, inverse(8n));
  });
}

export const foldFiber = (points, layerPoints, fiber, alpha) =>
  combine(points, weights(layerPoints, fiber, alpha));

export const challenge = (dataBlobs, parityBlobs, commitmentsRoot, roots) =>
  fromDigest(sha512(ascii("ashlar/fold/v1"), u64be(dataBlobs), u64be(parityBlobs),
    commitmentsRoot, ...roots));

export const recordRoot = (record) => sha256(ascii("ashlar/fold-record/v1"), record);

export const isEmpty = (position, layer, dataBlobs, domain) =>
  position >= Math.ceil(dataBlobs / 8 ** layer) && position < domain / 8 ** layer;

const fibersOf = (list) =>
  Array.from({ length: list.length / 8 }, (_, m) => list.slice(8 * m, 8 * m + 8));

// Folds commitments (points) of a codeword. Layers keep points, their bytes and their tree.
export function fold(commitments, shape) {
  const sizes = layerSizes(shape.domain);
  const bytes = allToBytes(commitments);
  const layers = [{ points: commitments, bytes, tree: commitmentTree(bytes) }];
  const commitmentsRoot = layers[0].tree.at(-1)[0];
  const roots = [];
  const alphas = [];
  for (let j = 0; j + 1 < sizes.length; ++j) {
    const alpha = challenge(shape.dataBlobs, shape.parityBlobs, commitmentsRoot, roots);
    alphas.push(alpha);
    const points = fibersOf(layers[j].points)
      .map((fiber, m) => foldFiber(fiber, sizes[j], m, alpha));
    const layer = { points, bytes: allToBytes(points) };
    layers.push(layer);
    if (j + 2 < sizes.length) {
      layer.tree = merkle.levels(fibersOf(layer.bytes).map((fiber) => sha256(...fiber)));
      roots.push(layer.tree.at(-1)[0]);
    }
  }
  const record = concat(...roots, ...layers.at(-1).bytes);
  return { layers, commitmentsRoot, roots, alphas, record, foldRoot: recordRoot(record) };
}

// The walk from position n: for each layer below the final one its fiber (384 bytes) and path.
export function walk(folded, n) {
  return folded.layers.slice(0, -1).map(({ bytes, tree }, j) => {
    const fiber = Math.floor(n / 8 ** (j + 1));
    return {
      points: concat(...bytes.slice(8 * fiber, 8 * fiber + 8)),
      path: merkle.path(tree, fiber, j === 0 ? 3 : 0),
    };
  });
}

const require = (condition, what) => {
  if (!condition) throw new Error(what);
};
const split = (bytes, size) =>
  Array.from({ length: bytes.length / size }, (_, i) => bytes.subarray(size * i, size * i + size));
const parsePoints = (bytes) => split(bytes, 48).map((p) => parseG1(p, { allowInfinity: true }));

// "Checks: of the record". header: {dataBlobs, parityBlobs, commitmentsRoot, foldRoot}.
export function checkRecord(record, header, domain) {
  const sizes = layerSizes(domain);
  const rootBytes = 32 * Math.max(sizes.length - 2, 0);
  require(record.length === rootBytes + 48 * sizes.at(-1), "record length");
  require(equal(recordRoot(record), header.foldRoot), "fold_root");

  const roots = split(record.subarray(0, rootBytes), 32);
  const finalBytes = split(record.subarray(rootBytes), 48);
  const final = parsePoints(record.subarray(rootBytes));
  require(coefficients(G1_MODULE, final).slice(final.length / 2).every((p) => p.is0()), "degree");
  const last = sizes.length - 1;
  require(final.every((p, q) => !isEmpty(q, last, header.dataBlobs, domain) || p.is0()),
    "an empty position is not infinity");
  if (last === 0)
    require(equal(merkle.root(finalBytes.map(leaf)), header.commitmentsRoot), "commitments_root");

  const alphas = sizes.slice(1).map((_, j) => challenge(header.dataBlobs, header.parityBlobs,
    header.commitmentsRoot, roots.slice(0, j)));
  return { sizes, roots, final, alphas };
}

// "Checks: of a walk"; returns c_n. checked: the result of checkRecord().
export function checkWalk(steps, n, checked, header, domain) {
  const { sizes, roots, final, alphas } = checked;
  require(steps.length === sizes.length - 1, "walk length");
  let expected;
  let commitment;
  steps.forEach(({ points, path }, j) => {
    const m = Math.floor(n / 8 ** (j + 1));
    require(points.length === 384 && path.length === log2(sizes[j]) - 3, "step length");
    const parts = split(points, 48);
    const parsed = parsePoints(points);
    const [hash, root] = j === 0
      ? [merkle.root(parts.map(leaf)), header.commitmentsRoot]
      : [sha256(points), roots[j - 1]];
    require(equal(merkle.follow(hash, m, path), root), "path");
    require(parsed.every((p, i) => !isEmpty(8 * m + i, j, header.dataBlobs, domain) || p.is0()),
      "an empty position is not infinity");

    const slot = Math.floor(n / 8 ** j) % 8;
    if (j === 0) commitment = parsed[slot];
    else require(parsed[slot].equals(expected), "folded value");
    expected = foldFiber(parsed, sizes[j], m, alphas[j]);
  });
  if (steps.length === 0) return final[n];
  require(final[Math.floor(n / 8 ** steps.length)].equals(expected), "folded value");
  return commitment;
}
