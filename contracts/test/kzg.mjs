// Commitments and proofs over whole blobs: the reference's arithmetic in Fr, and the EVM's own
// multi-scalar multiplication, since 4096 points take pure JavaScript minutes.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import {
  R,
  add,
  coefficients,
  evaluate,
  FR,
  inverse,
  inverses,
  mul,
  pow,
  reverseBits,
  rootOfUnity,
  sub,
} from "../../tests/reference/field.mjs";
import { elementPoint } from "../../tests/reference/commitments.mjs";
import { rpc } from "./chain.mjs";
import { G1, setupWords } from "./points.mjs";

const P = G1.Fp.ORDER;
const CACHE = fileURLToPath(new URL("../node_modules/.cache/ashlar", import.meta.url));
const ELEMENTS = 4096;
const rev12 = (e) => reverseBits(e, 12);
const DOMAIN = Array.from({ length: ELEMENTS }, (_, e) => elementPoint(e));

function powP(base, exponent) {
  let result = 1n;
  for (; exponent > 0n; exponent >>= 1n, base = (base * base) % P)
    if (exponent & 1n) result = (result * base) % P;
  return result;
}
const padded = (n) => n.toString(16).padStart(128, "0");

// 128 bytes of the point; the multiplication refuses it if it is not one.
function decompress(text) {
  const flags = parseInt(text.slice(0, 2), 16);
  const x = BigInt(`0x${text}`) & ((1n << 381n) - 1n);
  let y = powP((x * x * x + 4n) % P, (P + 1n) / 4n);
  if (y > (P - 1n) / 2n !== ((flags & 0x20) !== 0)) y = P - y;
  return padded(x) + padded(y);
}

// G1_LAGRANGE[rev₁₂(e)] for e = 0 … 4095, decompressed once for this folder.
function lagrangePoints() {
  const file = `${CACHE}/lagrange.txt`;
  if (!existsSync(file)) {
    mkdirSync(CACHE, { recursive: true });
    const points = setupWords.slice(0, ELEMENTS).map(decompress);
    writeFileSync(file, points.map((_, e) => points[rev12(e)]).join("\n"));
  }
  return readFileSync(file, "ascii").split("\n");
}
let lagrange;

async function msm(terms) {
  if (terms.length === 0) return G1.ZERO;
  let sum = G1.ZERO;
  for (let from = 0; from < terms.length; from += 1024) {
    const data = `0x${terms.slice(from, from + 1024).join("")}`;
    const out = await rpc("eth_call", { to: `0x${"0c".padStart(40, "0")}`, data }, "latest");
    const [x, y] = [BigInt(out.slice(0, 130)), BigInt(`0x${out.slice(130)}`)];
    if (x !== 0n || y !== 0n) sum = sum.add(G1.fromAffine({ x, y }));
  }
  return sum;
}

// Σ elements[e] · G1_LAGRANGE[rev₁₂(e)].
export async function commit(elements) {
  lagrange ??= lagrangePoints();
  return await msm(
    [...elements.keys()]
      .filter((e) => elements[e] !== 0n)
      .map((e) => lagrange[e] + elements[e].toString(16).padStart(64, "0")),
  );
}

// π for element e.
export async function proveElement(elements, e) {
  const divisors = inverses(DOMAIN.map((x, i) => (i === e ? 1n : sub(x, DOMAIN[e]))));
  const quotient = elements.map((v, i) => mul(sub(v, elements[e]), divisors[i]));
  quotient[e] = 0n;
  // Its own value follows from the degree: the coefficient of X^4095 is zero.
  const others = quotient.reduce((total, q, i) => add(total, mul(q, DOMAIN[i])), 0n);
  quotient[e] = mul(sub(0n, others), inverse(DOMAIN[e]));
  return await commit(quotient);
}

// p(z) and π outside the domain.
export async function proveAt(elements, z) {
  const divisors = inverses(DOMAIN.map((x) => sub(z, x)));
  const sum = DOMAIN.reduce((total, x, e) => add(total, mul(elements[e], mul(x, divisors[e]))), 0n);
  const y = mul(mul(sub(pow(z, ELEMENTS), 1n), inverse(BigInt(ELEMENTS))), sum);
  const quotient = elements.map((v, e) => mul(sub(y, v), divisors[e]));
  return { y, proof: await commit(quotient) };
}

// EIP-7594's proof of a cell: p divided by X^64 − h^64.
export async function proveCell(elements, cell) {
  const shift = pow(rootOfUnity(ELEMENTS), reverseBits(cell, 6));
  const a = pow(shift, 64);
  const p = coefficients(FR, elements);
  const quotient = new Array(ELEMENTS).fill(0n);
  for (let k = ELEMENTS - 65; k >= 0; --k)
    quotient[k] = add(p[k + 64], mul(a, quotient[k + 64] ?? 0n));
  return await commit(evaluate(FR, quotient));
}
export { R };
