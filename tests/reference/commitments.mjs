// commitments: KZG commitments, their tree, the codeword test, openings of a blob.

import { readFileSync } from "node:fs";

import { concat, fromHex, sha256, toHex, zeros } from "./bytes.mjs";
import { G1, G1_MODULE, G2, combine, pairingProductIsOne, parseG2 } from "./curve.mjs";
import { add, coefficients, extend, inverse, inverses, mul, pow, reverseBits, rootOfUnity, sub }
  from "./field.mjs";
import * as merkle from "./merkle.mjs";
import { ELEMENTS } from "./payload.mjs";

const SETUP_FILE = new URL(
  "../../third_party/node_modules/c-kzg/deps/c-kzg/trusted_setup.txt", import.meta.url);
const SETUP_SHA256 = "d39b9f2d047cc9dca2de58f264b6a09448ccd34db967881a6713eacacf0f26b7";

// The file: number of G1 points, number of G2 points, G1 Lagrange, G2 monomial, G1 monomial.
function readSetup() {
  const bytes = readFileSync(SETUP_FILE);
  if (toHex(sha256(bytes)) !== SETUP_SHA256) throw new Error("another trusted setup");
  const words = bytes.toString("ascii").trim().split(/\s+/).slice(2);
  return { lagrange: words.slice(0, ELEMENTS), tauG2: words[ELEMENTS + 1] };
}
const setup = readSetup();
const parsed = new Map();

// G1_LAGRANGE[k]; parsed when first wanted, since sparse blobs use few. The file's hash vouches for
// its points.
export function lagrangePoint(k) {
  if (!parsed.has(k)) parsed.set(k, G1.fromHex(setup.lagrange[k]));
  return parsed.get(k);
}
export const tauG2 = () => parseG2(fromHex(setup.tauG2));

const ROOT = rootOfUnity(ELEMENTS);
const rev12 = (e) => reverseBits(e, 12);
export const elementPoint = (e) => pow(ROOT, rev12(e));
const DOMAIN = Array.from({ length: ELEMENTS }, (_, e) => elementPoint(e));

export function commit(elements) {
  const used = [...elements.keys()].filter((e) => elements[e] !== 0n);
  return combine(used.map((e) => lagrangePoint(rev12(e))), used.map((e) => elements[e]));
}

// c_0 … c_{2D−1} from the K data blobs.
export function commitCodeword(dataBlobs, domain) {
  const data = dataBlobs.map(commit);
  while (data.length < domain) data.push(G1.ZERO);
  return [...data, ...extend(G1_MODULE, data)];
}

export const leaf = (pointBytes) => sha256(pointBytes, zeros(16));
export const tree = (pointsBytes) => merkle.levels(pointsBytes.map(leaf));

// The upper half of the coefficients vanishes: the points are a codeword of rate one half.
export const isCodeword = (points) =>
  coefficients(G1_MODULE, points).slice(points.length / 2).every((point) => point.is0());

// equivalence: p(z), also outside the domain.
export function evaluateBlob(elements, z) {
  const at = DOMAIN.indexOf(z);
  if (at >= 0) return elements[at];
  const divisors = inverses(DOMAIN.map((x) => sub(z, x)));
  const sum = DOMAIN.reduce(
    (total, x, e) => add(total, mul(elements[e], mul(x, divisors[e]))), 0n);
  return mul(mul(sub(pow(z, ELEMENTS), 1n), inverse(BigInt(ELEMENTS))), sum);
}

// opening: π for p(z) = y, committing to (p(X) − y)/(X − z) by its values.
export function prove(elements, z) {
  const y = evaluateBlob(elements, z);
  const at = DOMAIN.indexOf(z);
  const divisors = inverses(DOMAIN.map((x, e) => (e === at ? 1n : sub(x, z))));
  const quotient = elements.map((v, e) => (e === at ? 0n : mul(sub(v, y), divisors[e])));
  if (at >= 0) {
    // In the domain the quotient's own value follows from its degree: its values times the
    // points, summed, give the coefficient of X^4095, which is zero.
    const others = quotient.reduce((total, q, e) => add(total, mul(q, DOMAIN[e])), 0n);
    quotient[at] = mul(sub(0n, others), inverse(z));
  }
  return { y, proof: commit(quotient) };
}

// e(c − y·G1, G2) = e(π, τ·G2 − z·G2).
export function verifyProof(commitment, z, y, proof) {
  const left = commitment.subtract(combine([G1.BASE], [y]));
  const right = tauG2().subtract(z === 0n ? G2.ZERO : G2.BASE.multiplyUnsafe(z));
  return pairingProductIsOne([left, G2.BASE], [proof.negate(), right]);
}

export const versionedHash = (commitmentBytes) =>
  concat(Uint8Array.of(1), sha256(commitmentBytes).subarray(1));
