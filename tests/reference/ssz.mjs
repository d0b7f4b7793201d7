// README, "SSZ": hash_tree_root of the types that the formats use.

import { concat, littleEndian, sha256, zeros } from "./bytes.mjs";

export function chunks(bytes) {
  const out = [];
  for (let i = 0; i < bytes.length; i += 32) {
    const chunk = zeros(32);
    chunk.set(bytes.subarray(i, i + 32));
    out.push(chunk);
  }
  return out;
}

// Equal zero subtrees are hashed once.
export function merkleize(leaves, limit = leaves.length) {
  if (leaves.length > limit) throw new RangeError("more chunks than the limit");
  let level = leaves;
  let zero = zeros(32);
  for (let width = 1; width < limit; width *= 2) {
    const above = [];
    for (let i = 0; i < level.length; i += 2) above.push(sha256(level[i], level[i + 1] ?? zero));
    level = above;
    zero = sha256(zero, zero);
  }
  return level[0] ?? zero;
}

const mix = (root, length) => sha256(root, littleEndian(length, 32));

export const uint = (value) => littleEndian(value, 32);
export const fixedBytes = (bytes) => merkleize(chunks(bytes));
export const byteList = (bytes, limit) =>
  mix(merkleize(chunks(bytes), Math.ceil(limit / 32)), bytes.length);
export const uint64List = (values, limit) =>
  mix(merkleize(chunks(concat(...values.map((v) => littleEndian(v, 8)))), Math.ceil(limit / 4)),
    values.length);
export const list = (roots, limit) => mix(merkleize(roots, limit), roots.length);
export const container = (...roots) => merkleize(roots);

// Parts of variable size after a head of their offsets, counted from `start`.
export function withOffsets(start, parts) {
  let at = start + 4 * parts.length;
  const offsets = parts.map((part) => {
    const offset = littleEndian(at, 4);
    at += part.length;
    return offset;
  });
  return { offsets, tail: concat(...parts) };
}
export function encodeList(elements) {
  const { offsets, tail } = withOffsets(0, elements);
  return concat(...offsets, tail);
}
