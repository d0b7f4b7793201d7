// Points in EIP-2537's layout, and the ceremony's points that contracts take.

import { readFileSync } from "node:fs";

import { G1, G2 } from "../../tests/reference/curve.mjs";

const LOW = (1n << 256n) - 1n;
const word = (n) => `0x${n.toString(16).padStart(64, "0")}`;
const halves = (n) => [word(n >> 256n), word(n & LOW)];

// struct Bls.G1Point
export function g1(point) {
  if (point.is0()) return { xHigh: 0n, xLow: 0n, yHigh: 0n, yLow: 0n };
  const { x, y } = point.toAffine();
  const [xHigh, xLow, yHigh, yLow] = [...halves(x), ...halves(y)];
  return { xHigh, xLow, yHigh, yLow };
}

// struct Bls.G2Point
export function g2(point) {
  if (point.is0()) return { words: Array(8).fill(0n) };
  const { x, y } = point.toAffine();
  return { words: [x.c0, x.c1, y.c0, y.c1].flatMap(halves) };
}

// Compressed bytes of any point of the curve; the library's own refuse points outside the subgroup.
export function compressAny(point) {
  const { x, y } = point.toAffine();
  const bytes = Uint8Array.from(Buffer.from(x.toString(16).padStart(96, "0"), "hex"));
  bytes[0] |= 0x80 | (2n * y > G1.Fp.ORDER ? 0x20 : 0);
  return bytes;
}

export const g1Bytes = (point) =>
  `0x${Object.values(g1(point))
    .map((w) => BigInt(w).toString(16).padStart(64, "0"))
    .join("")}`;

export const setupWords = readFileSync(
  new URL("../../third_party/node_modules/c-kzg/deps/c-kzg/trusted_setup.txt", import.meta.url),
  "ascii",
)
  .trim()
  .split(/\s+/)
  .slice(2);

// [τ^k]₁, k = 0 … 63; the file has 4096 Lagrange points and 65 of G2 before them.
export const monomialPoints = () =>
  setupWords.slice(4096 + 65, 4096 + 65 + 64).map((p) => G1.fromHex(p));
export const setupBytes = () =>
  `0x${monomialPoints()
    .map((p) => g1Bytes(p).slice(2))
    .join("")}`;
export { G1, G2 };
