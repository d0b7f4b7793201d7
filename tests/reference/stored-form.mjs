// docs/formats/stored-form.md. Of zstd only what the examples need: frames of one run of zeros.

import { concat, equal, littleEndian, readLittleEndian, zeros } from "./bytes.mjs";

const BLOB_BYTES = 126976;
const FORM_BYTES_MAX = 126990;
const RUNS_MAX = 64;
const RAW = 0;
const ZSTD = 1;

// RFC 8878: magic, descriptor of one segment with four bytes of size, one last block of type RLE.
export const frameOfZeros = (size) =>
  concat(
    Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0),
    littleEndian(size, 4), littleEndian(size * 8 + 3, 3), zeros(1));

const rotate = (word, bits, by) =>
  BigInt.asUintN(bits, (word << BigInt(by)) | (word >> BigInt(bits - by)));

function planesOf(run, width) {
  const planes = Array.from({ length: width }, () => new Uint8Array(run.length / width));
  for (let i = 0; i < run.length; i += width) {
    let word = readLittleEndian(run.subarray(i, i + width));
    if (width > 1) word = rotate(word, 8 * width, 1);
    littleEndian(word, width).forEach((byte, p) => (planes[p][i / width] = byte));
  }
  return planes;
}

function wordsOf(planes) {
  const width = planes.length;
  const out = new Uint8Array(width * planes[0].length);
  for (let i = 0; i < planes[0].length; ++i) {
    let word = readLittleEndian(planes.map((plane) => plane[i]));
    if (width > 1) word = rotate(word, 8 * width, 8 * width - 1);
    out.set(littleEndian(word, width), i * width);
  }
  return out;
}

const xor = (a, b) => a.map((byte, i) => byte ^ b[i]);
const pair = (first, second) => concat(Uint8Array.of(first), littleEndian(second, 4));

export function encode(payload, runs, parent) {
  let rest = parent ? xor(payload, parent) : payload;
  const heads = [];
  const planeHeads = [];
  const bodies = [];
  for (const { width, bytes } of runs) {
    heads.push(pair(width, bytes));
    for (const plane of planesOf(rest.subarray(0, bytes), width)) {
      const frame = frameOfZeros(plane.length);
      const packs = plane.every((byte) => byte === 0) && frame.length < plane.length;
      const body = packs ? frame : plane;
      planeHeads.push(pair(packs ? ZSTD : RAW, body.length));
      bodies.push(body);
    }
    rest = rest.subarray(bytes);
  }
  const head = concat(Uint8Array.of(1, parent ? 1 : 0), littleEndian(runs.length, 2));
  return concat(head, ...heads, ...planeHeads, ...bodies);
}

const refuseUnless = (holds, why) => {
  if (!holds) throw new Error(why);
};

export function decode(form, parent) {
  refuseUnless(form.length <= FORM_BYTES_MAX, "too long");
  let at = 0;
  const take = (count) => {
    refuseUnless(at + count <= form.length, "ends early");
    return form.subarray(at, (at += count));
  };
  const takePair = () => [take(1)[0], Number(readLittleEndian(take(4)))];
  refuseUnless(take(1)[0] === 1, "version");
  const flags = take(1)[0];
  refuseUnless(flags <= 1 && (flags === 0 || parent), "flags, or no parent");
  const count = Number(readLittleEndian(take(2)));
  refuseUnless(count >= 1 && count <= RUNS_MAX, "number of runs");

  const runs = Array.from({ length: count }, takePair);
  for (const [width, bytes] of runs)
    refuseUnless([1, 2, 4].includes(width) && bytes > 0 && bytes % width === 0, "run");
  const total = runs.reduce((sum, [, bytes]) => sum + bytes, 0);
  refuseUnless(total === BLOB_BYTES, "runs do not fill the blob");
  const planes = runs.flatMap(([width, bytes]) =>
    Array.from({ length: width }, () => [...takePair(), bytes / width]));
  const contents = planes.map(([method, size, bytes]) => {
    refuseUnless(method === RAW ? size === bytes : method === ZSTD && size < bytes, "plane");
    const body = take(size);
    if (method === RAW) return body;
    refuseUnless(equal(body, frameOfZeros(bytes)), "a frame that this reference does not read");
    return zeros(bytes);
  });
  refuseUnless(at === form.length, "bytes follow");
  const data = concat(...runs.map(([width]) => wordsOf(contents.splice(0, width))));
  return flags === 1 ? xor(data, parent) : data;
}
