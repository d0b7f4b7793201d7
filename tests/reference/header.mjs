// object-root: the header's 16 leaves and the object root.

import { ascii, concat, equal, readLittleEndian, sha256, zeros } from "./bytes.mjs";
import * as merkle from "./merkle.mjs";
import { makeShape } from "./object-code.mjs";
import { BLOB_PAYLOAD, dataBlobCount } from "./payload.mjs";
import { uint } from "./ssz.mjs";

const ZERO = zeros(32);

export const seedOf = (commitmentsRoot) => sha256(ascii("ashlar/seed/v1"), commitmentsRoot);

export const encodeHeader = (h) => concat(
  uint(1), uint(h.payloadBytes), uint(h.directoryOffset), uint(h.dataBlobs), uint(h.parityBlobs),
  uint(h.groupParities), uint(h.copies), ZERO,
  h.commitmentsRoot, h.foldRoot, h.directoryRoot, h.groupParityRoot, h.placementSeed,
  h.parentRoot, h.provenanceRoot, ZERO);

const leavesOf = (bytes) =>
  Array.from({ length: 16 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32));

export const objectRoot = (bytes) => merkle.root(leavesOf(bytes));

// All checks of the page; throws on the first that fails.
export function parseHeader(bytes) {
  if (bytes.length !== 512) throw new Error("header length");
  const leaves = leavesOf(bytes);
  const integers = leaves.slice(0, 7).map((leaf) => {
    if (!equal(leaf.subarray(8), zeros(24))) throw new Error("integer beyond 64 bits");
    return Number(readLittleEndian(leaf));
  });
  const [version, payloadBytes, directoryOffset, dataBlobs, parityBlobs, groupParities, copies] =
    integers;
  const [commitmentsRoot, foldRoot, directoryRoot, groupParityRoot, placementSeed, parentRoot,
    provenanceRoot] = leaves.slice(8, 15);

  if (version !== 1) throw new Error("version");
  if (dataBlobs !== dataBlobCount(payloadBytes)) throw new Error("data blobs");
  makeShape(dataBlobs, parityBlobs, groupParities);
  if (directoryOffset % BLOB_PAYLOAD !== 0 || directoryOffset >= payloadBytes)
    throw new Error("directory offset");
  if (groupParities === 0 && !equal(groupParityRoot, ZERO)) throw new Error("group parity root");
  if (copies < 1 || copies > 255) throw new Error("copies");
  if (!equal(leaves[7], ZERO) || !equal(leaves[15], ZERO)) throw new Error("reserved leaves");
  if (equal(parentRoot, ZERO) && !equal(placementSeed, seedOf(commitmentsRoot)))
    throw new Error("placement seed");
  return {
    payloadBytes, directoryOffset, dataBlobs, parityBlobs, groupParities, copies, commitmentsRoot,
    foldRoot, directoryRoot, groupParityRoot, placementSeed, parentRoot, provenanceRoot,
  };
}
