// certificate: what members sign, its encoding, and what it is worth.

import { ascii, concat, sha256, u64be, zeros } from "./bytes.mjs";
import * as bls from "./bls.mjs";
import { G1, G2, parseG1, parseG2, toBytes } from "./curve.mjs";

export const preimage = ({ chainId, registry, committeeRoot, objectRoot, expiry }) => concat(
  ascii("ashlar/certificate/v1"), u64be(chainId), registry, committeeRoot, objectRoot,
  u64be(expiry));
export const digest = (fields) => sha256(preimage(fields));

export const sum = (group, points) => points.reduce((a, b) => a.add(b), group.ZERO);

export function bitmap(signers, memberCount) {
  const out = zeros(Math.ceil(memberCount / 8));
  for (const i of signers) out[i >> 3] |= 1 << (i & 7);
  return out;
}

export const encode = ({ expiry, signatures, signers, memberCount }) => concat(
  u64be(expiry), toBytes(sum(G2, signatures)), bitmap(signers, memberCount));

export function verify(encoded, pubkeys, message) {
  const bits = encoded.subarray(104);
  if (bits.length !== Math.ceil(pubkeys.length / 8)) throw new Error("bitmap length");
  const signers = [...Array(8 * bits.length).keys()].filter((i) => (bits[i >> 3] >> (i & 7)) & 1);
  if (signers.length === 0 || signers.at(-1) >= pubkeys.length) throw new Error("bitmap");
  const key = sum(G1, signers.map((i) => parseG1(pubkeys[i])));
  if (key.is0()) throw new Error("aggregate key is infinity");
  if (!bls.verify(key, message, bls.SIGNATURE_TAG, parseG2(encoded.subarray(8, 104))))
    throw new Error("signature");
  return signers;
}

export const weightLimit = (total, numerator, denominator) =>
  (total * BigInt(numerator)) / BigInt(denominator);

// Exact, by trying every set A of signers of weight ≤ limit: for small committees.
// holdersOf[t]: members that hold a copy of stored index t. Members who did not sign keep nothing.
export function positionsLeftAtWorst(holdersOf, signers, weights, limit) {
  const held = holdersOf.map((holders) => holders.filter((member) => signers.includes(member)));
  let worst = Infinity;
  for (let set = 0; set < 2 ** signers.length; ++set) {
    const lost = signers.filter((_, i) => (set >> i) & 1);
    if (lost.reduce((total, i) => total + weights[i], 0n) > limit) continue;
    const left = held.filter((on) => on.some((member) => !lost.includes(member))).length;
    worst = Math.min(worst, left);
  }
  return { onSigners: held.filter((on) => on.length > 0).length, left: worst };
}
