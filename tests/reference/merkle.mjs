// README, "Merkle tree".

import { sha256, zeros } from "./bytes.mjs";

// All levels, the leaves first and the root last; zero leaves fill up to a power of two.
export function levels(leaves) {
  let width = 1;
  while (width < leaves.length) width *= 2;
  const bottom = [...leaves];
  while (bottom.length < width) bottom.push(zeros(32));

  const all = [bottom];
  while (all.at(-1).length > 1) {
    const below = all.at(-1);
    all.push(Array.from({ length: below.length / 2 },
      (_, i) => sha256(below[2 * i], below[2 * i + 1])));
  }
  return all;
}

export const root = (leaves) => levels(leaves).at(-1)[0];

// Siblings upwards, of the node at `index` of the level `height` above the leaves.
export const path = (tree, index, height = 0) =>
  tree.slice(height, -1).map((level, i) => level[(index >> i) ^ 1]);

export function follow(leaf, index, siblings) {
  let hash = leaf;
  for (const sibling of siblings) {
    hash = index % 2 === 0 ? sha256(hash, sibling) : sha256(sibling, hash);
    index = Math.floor(index / 2);
  }
  if (index !== 0) throw new Error("index beyond the path");
  return hash;
}
