// payload-and-blobs: files → payload → blobs.

import { compare, concat, readBigEndian, zeros } from "./bytes.mjs";
import { toBytes } from "./field.mjs";

export const ELEMENTS = 4096;
export const BLOB_PAYLOAD = 31 * ELEMENTS;

const next = (x) => Math.ceil(x / BLOB_PAYLOAD) * BLOB_PAYLOAD;

// Offsets of files of these sizes, and the directory's.
export function layout(sizes) {
  let cursor = 0;
  const offsets = sizes.map((size) => {
    const offset = cursor;
    cursor = next(offset + size);
    return offset;
  });
  return { offsets, directoryOffset: cursor };
}

export const sortFiles = (files) => [...files].sort((a, b) => compare(a.path, b.path));

// files: sorted, of {path, contents} in bytes; directory: its encoding.
export function buildPayload(files, directory) {
  const { offsets, directoryOffset } = layout(files.map((file) => file.contents.length));
  const payload = zeros(directoryOffset + directory.length);
  files.forEach((file, i) => payload.set(file.contents, offsets[i]));
  payload.set(directory, directoryOffset);
  return payload;
}

export const dataBlobCount = (payloadBytes) => Math.ceil(payloadBytes / BLOB_PAYLOAD);

// A blob is an array of its 4096 elements.
export function dataBlob(payload, index) {
  const start = index * BLOB_PAYLOAD;
  return Array.from({ length: ELEMENTS }, (_, e) => {
    const bytes = payload.subarray(start + 31 * e, start + 31 * e + 31);
    // Beyond its end the payload is continued with zeros.
    return readBigEndian(bytes) << BigInt(8 * (31 - bytes.length));
  });
}
export const dataBlobs = (payload) =>
  Array.from({ length: dataBlobCount(payload.length) }, (_, i) => dataBlob(payload, i));

const ZERO_ELEMENT = zeros(32);
export const blobBytes = (blob) =>
  concat(...blob.map((element) => (element === 0n ? ZERO_ELEMENT : toBytes(element))));

// opening: where payload byte q lies.
export function addressOf(q) {
  const within = q % BLOB_PAYLOAD;
  return {
    blob: Math.floor(q / BLOB_PAYLOAD),
    element: Math.floor(within / 31),
    byte: 1 + (within % 31),
  };
}
