// directory: the list of files and tensors, its SSZ bytes and root.

import { ascii, compare, concat, littleEndian, sha1, sha256 } from "./bytes.mjs";
import { layout } from "./payload.mjs";
import * as ssz from "./ssz.mjs";
import { tensorsOf } from "./tensors.mjs";

const gitSha1 = (contents) =>
  sha1(ascii(`blob ${contents.length}`), Uint8Array.of(0), contents);

// files: sorted, of {path, contents, opaque}; opaque ones have no tensors.
export function makeDirectory(files) {
  const { offsets } = layout(files.map((file) => file.contents.length));
  const entries = files.map(({ path, contents }, i) => ({
    path, offset: offsets[i], size: contents.length,
    sha256: sha256(contents), gitSha1: gitSha1(contents),
  }));
  const tensors = files.flatMap(({ path, contents, opaque }, fileIndex) =>
    (opaque ? [] : tensorsOf(path, contents))
      .map((tensor) => ({ ...tensor, fileIndex, offset: offsets[fileIndex] + tensor.offset })));
  tensors.sort((a, b) => compare(a.name, b.name) || a.fileIndex - b.fileIndex);
  return { files: entries, tensors };
}

export function encodeFile({ path, offset, size, sha256: digest, gitSha1: git }) {
  const fixed = concat(littleEndian(offset, 8), littleEndian(size, 8), digest, git);
  const { offsets, tail } = ssz.withOffsets(fixed.length, [path]);
  return concat(...offsets, fixed, tail);
}

export function encodeTensor({ name, fileIndex, dtype, shape, offset, size }) {
  const dimensions = concat(...shape.map((n) => littleEndian(n, 8)));
  const { offsets, tail } = ssz.withOffsets(4 + 1 + 8 + 8, [name, dimensions]);
  return concat(offsets[0], littleEndian(fileIndex, 4), littleEndian(dtype, 1), offsets[1],
    littleEndian(offset, 8), littleEndian(size, 8), tail);
}

export function encodeDirectory({ files, tensors }) {
  const parts = [ssz.encodeList(files.map(encodeFile)), ssz.encodeList(tensors.map(encodeTensor))];
  const { offsets, tail } = ssz.withOffsets(0, parts);
  return concat(...offsets, tail);
}

export const fileRoot = ({ path, offset, size, sha256: digest, gitSha1: git }) =>
  ssz.container(ssz.byteList(path, 1024), ssz.uint(offset), ssz.uint(size),
    ssz.fixedBytes(digest), ssz.fixedBytes(git));

export const tensorRoot = ({ name, fileIndex, dtype, shape, offset, size }) =>
  ssz.container(ssz.byteList(name, 1024), ssz.uint(fileIndex), ssz.uint(dtype),
    ssz.uint64List(shape, 8), ssz.uint(offset), ssz.uint(size));

export const directoryRoot = ({ files, tensors }) =>
  ssz.container(ssz.list(files.map(fileRoot), 2 ** 20), ssz.list(tensors.map(tensorRoot), 2 ** 22));
