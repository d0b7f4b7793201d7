// object-code: shape, codeword, stripes and local parities.

import { sha256, zeros } from "./bytes.mjs";
import { FR, extend } from "./field.mjs";
import * as merkle from "./merkle.mjs";
import { ELEMENTS } from "./payload.mjs";

const BYTES_PER_BLOB = 32 * ELEMENTS;
const DOMAIN_MAX = 2 ** 27;

export function domainFor(dataBlobs) {
  let domain = 16;
  while (domain < dataBlobs) domain *= 2;
  return domain;
}
const runBlobsFor = (domain) => (domain >= 2 ** 16 ? 64 : 1);

export function defaultParityBlobs(dataBlobs) {
  const domain = domainFor(dataBlobs);
  const stripe = 8 * runBlobsFor(domain);
  const least = Math.max(dataBlobs, 15);
  return Math.min(domain, Math.ceil((dataBlobs + least) / stripe) * stripe - dataBlobs);
}

export function makeShape(dataBlobs, parityBlobs, groupParities) {
  const domain = domainFor(dataBlobs);
  if (dataBlobs < 1 || domain > DOMAIN_MAX) throw new RangeError("data blobs");
  if (parityBlobs < 1 || parityBlobs > domain) throw new RangeError("parity blobs");
  if (groupParities < 0 || groupParities > 4) throw new RangeError("group parities");

  const runBlobs = runBlobsFor(domain);
  const stored = dataBlobs + parityBlobs;
  const stripes = Math.ceil(stored / (8 * runBlobs));
  const groupsIn = (stripe) => Math.min(runBlobs, stored - 8 * runBlobs * stripe);
  const groups = (stripes - 1) * runBlobs + groupsIn(stripes - 1);
  return {
    dataBlobs, parityBlobs, groupParities, domain, stored, runBlobs, stripes, groupsIn,
    runs: Math.ceil(stored / runBlobs),
    localParities: groupParities * groups,
  };
}

// The stored parity blobs, as elements, from the K data blobs. Columns of zeros stay zeros.
export function parityBlobs(dataBlobs, shape) {
  const parity = Array.from({ length: shape.parityBlobs }, () => new Array(ELEMENTS).fill(0n));
  for (let e = 0; e < ELEMENTS; ++e) {
    const column = dataBlobs.map((blob) => blob[e]);
    if (column.every((value) => value === 0n)) continue;
    while (column.length < shape.domain) column.push(0n);
    const values = extend(FR, column);
    for (let p = 0; p < shape.parityBlobs; ++p) parity[p][e] = values[p];
  }
  return parity;
}

// GF(2⁸) with polynomial 0x11d.
export function gfMultiply(a, b) {
  let product = 0;
  for (; b > 0; b >>= 1) {
    if (b & 1) product ^= a;
    a = a & 0x80 ? (a << 1) ^ 0x11d : a << 1;
  }
  return product;
}
const gfInverse = (a) => {
  for (let b = 1; b < 256; ++b) if (gfMultiply(a, b) === 1) return b;
  throw new RangeError("zero has no inverse");
};

// m(l, i).
export const groupCoefficient = (parity, member) => gfInverse((8 + parity) ^ member);

// Parity `parity` of up to eight equally long members; undefined ones are missing.
export function groupParity(parity, members, size) {
  const out = zeros(size);
  members.forEach((member, i) => {
    if (member === undefined) return;
    const coefficient = groupCoefficient(parity, i);
    const product = Uint8Array.from({ length: 256 }, (_, b) => gfMultiply(coefficient, b));
    for (let b = 0; b < size; ++b) out[b] ^= product[member[b]];
  });
  return out;
}

// SHA-256 of the local parities in leaf order, from the stored blobs as bytes.
export function localParityHashes(stored, shape) {
  const out = [];
  for (let stripe = 0; stripe < shape.stripes; ++stripe)
    for (let parity = 0; parity < shape.groupParities; ++parity)
      for (let group = 0; group < shape.groupsIn(stripe); ++group) {
        const members = Array.from({ length: 8 },
          (_, i) => stored[(8 * stripe + i) * shape.runBlobs + group]);
        out.push(sha256(groupParity(parity, members, BYTES_PER_BLOB)));
      }
  return out;
}
export const groupParityRoot = (hashes) => (hashes.length === 0 ? zeros(32) : merkle.root(hashes));
