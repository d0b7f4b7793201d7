// placement: run → shard → members.

import { ascii, sha256 } from "./bytes.mjs";

export const SHARDS = 4096;

export function offsetOf(placementSeed) {
  const digest = sha256(ascii("ashlar/placement/v1"), placementSeed);
  return 256 * digest[0] + digest[1];
}

export const baseShard = (offset, groupParities, stripe) =>
  (offset + (8 + groupParities) * stripe + Math.floor((stripe * 40503) / 65536)) % SHARDS;

// Shards of the eight runs, then of the parity runs.
export const stripeShards = (offset, groupParities, stripe) =>
  Array.from({ length: 8 + groupParities },
    (_, i) => (baseShard(offset, groupParities, stripe) + i) % SHARDS);

// Members that hold the copies of a run at `shard`. operators: of each member, as text.
export function holders(shard, copies, shards, operators) {
  const members = [shards[shard]];
  const nextWhere = (wanted) => {
    for (let step = 1; step < SHARDS; ++step) {
      const member = shards[(shard + step) % SHARDS];
      if (wanted(member)) return member;
    }
    return undefined;
  };
  while (members.length < copies) {
    const taken = new Set(members.map((member) => operators[member]));
    const next = nextWhere((member) => !taken.has(operators[member]))
      ?? nextWhere((member) => !members.includes(member));
    if (next === undefined) break;
    members.push(next);
  }
  return members;
}
