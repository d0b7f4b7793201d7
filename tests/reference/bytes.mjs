// Byte strings, integers in bytes, and hashes.

import { createHash } from "node:crypto";

export const fromHex = (text) => {
  if (!/^([0-9a-f]{2})*$/.test(text)) throw new Error(`not lower-case hexadecimal: ${text}`);
  return Uint8Array.from(Buffer.from(text, "hex"));
};
export const toHex = (bytes) => Buffer.from(bytes).toString("hex");

export const ascii = (text) => Uint8Array.from(Buffer.from(text, "utf8"));
export const concat = (...parts) => Uint8Array.from(Buffer.concat(parts));
export const zeros = (size) => new Uint8Array(size);

// Byte-wise order; a proper prefix comes first.
export const compare = (a, b) => Buffer.compare(a, b);
export const equal = (a, b) => compare(a, b) === 0;

export function bigEndian(value, size) {
  const out = new Uint8Array(size);
  let rest = BigInt(value);
  for (let i = size - 1; i >= 0; --i, rest >>= 8n) out[i] = Number(rest & 0xffn);
  if (rest !== 0n) throw new RangeError(`${value} does not fit into ${size} bytes`);
  return out;
}
export const littleEndian = (value, size) => bigEndian(value, size).reverse();
export const u32be = (value) => bigEndian(value, 4);
export const u64be = (value) => bigEndian(value, 8);
export const readBigEndian = (bytes) =>
  bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
export const readLittleEndian = (bytes) => readBigEndian(Uint8Array.from(bytes).reverse());

const digest = (name) => (...parts) => {
  const hash = createHash(name);
  for (const part of parts) hash.update(part);
  return Uint8Array.from(hash.digest());
};
export const sha1 = digest("sha1");
export const sha256 = digest("sha256");
export const sha512 = digest("sha512");

// README, "Worked example": the test data of these pages.
export const pattern = (start, size) =>
  Uint8Array.from({ length: size }, (_, i) => (start + 7 * i + Math.floor(i / 256)) % 256);
