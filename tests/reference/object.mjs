// The whole way from files to the object root.

import { zeros } from "./bytes.mjs";
import { commitCodeword } from "./commitments.mjs";
import { directoryRoot, encodeDirectory, makeDirectory } from "./directory.mjs";
import { fold } from "./fold.mjs";
import { encodeHeader, objectRoot, parseHeader, seedOf } from "./header.mjs";
import { defaultParityBlobs, groupParityRoot, localParityHashes, makeShape, parityBlobs }
  from "./object-code.mjs";
import { blobBytes, buildPayload, dataBlobs, layout, sortFiles } from "./payload.mjs";

// files: {path, contents, opaque}. parent: {root, placementSeed} or undefined.
export function encodeObject(
  { files, parityCount, groupParities, copies, parent, provenanceRoot }) {
  const sorted = sortFiles(files);
  const directory = makeDirectory(sorted);
  const payload = buildPayload(sorted, encodeDirectory(directory));
  const blobs = dataBlobs(payload);
  const shape =
    makeShape(blobs.length, parityCount ?? defaultParityBlobs(blobs.length), groupParities);

  const stored = [...blobs, ...parityBlobs(blobs, shape)].map(blobBytes);
  const parityHashes = localParityHashes(stored, shape);
  const commitments = commitCodeword(blobs, shape.domain);
  const folded = fold(commitments, shape);

  const header = {
    payloadBytes: payload.length,
    directoryOffset: layout(sorted.map((file) => file.contents.length)).directoryOffset,
    dataBlobs: shape.dataBlobs,
    parityBlobs: shape.parityBlobs,
    groupParities,
    copies,
    commitmentsRoot: folded.commitmentsRoot,
    foldRoot: folded.foldRoot,
    directoryRoot: directoryRoot(directory),
    groupParityRoot: groupParityRoot(parityHashes),
    placementSeed: parent?.placementSeed ?? seedOf(folded.commitmentsRoot),
    parentRoot: parent?.root ?? zeros(32),
    provenanceRoot: provenanceRoot ?? zeros(32),
  };
  const headerBytes = encodeHeader(header);
  parseHeader(headerBytes);
  return {
    files: sorted, directory, payload, blobs, shape, stored, parityHashes, commitments, folded,
    header, headerBytes, root: objectRoot(headerBytes),
  };
}
