// README, "Curve" and "Bytes": points of G1 and G2 and their canonical form.

import { bls12_381 } from "@noble/curves/bls12-381.js";

import { equal } from "./bytes.mjs";

export const G1 = bls12_381.G1.Point;
export const G2 = bls12_381.G2.Point;

// README, "Checks": canonical, on the curve, in the subgroup; ∞ only where the page allows it.
function parse(group, size, bytes, allowInfinity) {
  if (bytes.length !== size) throw new Error(`a point has ${size} bytes`);
  const point = group.fromHex(bytes);
  if (!equal(point.toBytes(true), bytes)) throw new Error("point is not canonical");
  if (point.is0()) {
    if (!allowInfinity) throw new Error("point at infinity");
  } else if (!point.isTorsionFree()) throw new Error("point is outside the subgroup");
  return point;
}
export const parseG1 = (bytes, { allowInfinity = false } = {}) =>
  parse(G1, 48, bytes, allowInfinity);
export const parseG2 = (bytes) => parse(G2, 96, bytes, false);

// Canonical compressed bytes, of many points with one inversion.
export const toBytes = (point) => point.toBytes(true);
export const allToBytes = (points) => {
  const normal = G1.normalizeZ(points.filter((p) => !p.is0()));
  let next = 0;
  return points.map((p) => (p.is0() ? p : normal[next++]).toBytes(true));
};

// Scalars are public: no need for constant time.
const scale = (point, scalar) => point.multiplyUnsafe(scalar);

// Σ scalar_i·point_i.
export function combine(points, scalars) {
  const terms = points.map((point, i) => ({ point, scalar: scalars[i] }))
    .filter(({ point, scalar }) => scalar !== 0n && !point.is0());
  if (terms.length === 0) return G1.ZERO;
  if (terms.length === 1) return scale(terms[0].point, terms[0].scalar);
  return G1.msm(terms.map((t) => t.point), terms.map((t) => t.scalar));
}

export const G1_MODULE = {
  zero: G1.ZERO,
  add: (a, b) => a.add(b),
  sub: (a, b) => a.subtract(b),
  scale,
  isZero: (a) => a.is0(),
};

// e(a, b)·e(c, d) = 1, for pairs of which none holds ∞.
export const pairingProductIsOne = (...pairs) => {
  const { Fp12 } = bls12_381.fields;
  const finite = pairs.filter(([a, b]) => !a.is0() && !b.is0());
  return Fp12.eql(bls12_381.pairingBatch(finite.map(([g1, g2]) => ({ g1, g2 }))), Fp12.ONE);
};
