// equivalence: one opening for the blobs a ≤ i < b, tied to another proof system's W.

import { ascii, sha512, u32be, u64be } from "./bytes.mjs";
import { evaluateBlob, prove } from "./commitments.mjs";
import { combine } from "./curve.mjs";
import { add, fromDigest, mul, pow, toBytes } from "./field.mjs";

export const gammaOf = ({ objectRoot, first, end, scheme, w }) =>
  fromDigest(sha512(ascii("ashlar/equivalence/v1"), objectRoot, u64be(first), u64be(end),
    u32be(scheme), u32be(w.length), w));

export const pointOf = (gamma) =>
  fromDigest(sha512(ascii("ashlar/equivalence/z/v1"), toBytes(gamma)));

// blobs and commitments: those of a … b−1.
export function combined(blobs, commitments, gamma, z) {
  const powers = blobs.map((_, i) => pow(gamma, i));
  const blob = blobs[0].map((_, e) =>
    blobs.reduce((sum, elements, i) => add(sum, mul(powers[i], elements[e])), 0n));
  const values = blobs.map((elements) => evaluateBlob(elements, z));
  const { y, proof } = prove(blob, z);
  return { values, y, commitment: combine(commitments, powers), proof };
}
