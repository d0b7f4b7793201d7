// docs/formats/provenance.md.

import { createPrivateKey, createPublicKey, sign } from "node:crypto";

import { ascii, concat, fromHex, sha256, toHex } from "./bytes.mjs";

const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const UNSTATED = ["ashlar.intoto.json", "model.sig"];

// RFC 8785 for what a statement holds: Array.sort compares UTF-16 code units, as it demands.
const canonical = (value) =>
  Array.isArray(value) ? `[${value.map(canonical).join(",")}]`
    : typeof value !== "object" ? JSON.stringify(value)
      : `{${Object.keys(value).sort()
        .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;

export function statement(files, { license, parent, datasets }) {
  const predicate = {};
  if (license) predicate.license = license;
  if (parent) predicate.parent = `0x${toHex(parent)}`;
  if (datasets.length > 0)
    predicate.datasets = datasets.map(({ name, uri, digest }) => ({
      name, digest: { sha256: toHex(digest) }, ...(uri ? { uri } : {}),
    }));
  return ascii(canonical({
    _type: "https://in-toto.io/Statement/v1",
    subject: files.filter(({ path }) => !UNSTATED.includes(path))
      .map(({ path, digest }) => ({ name: path, digest: { sha256: toHex(digest) } })),
    predicateType: "https://ashlar/provenance/v1",
    predicate,
  }));
}

export const provenanceRoot = (text) => sha256(text);

export const signedBytes = (text) =>
  concat(ascii(`DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${text.length} `), text);

// RFC 8410's PKCS #8 wrapping of an Ed25519 seed.
const keyOf = (seed) =>
  createPrivateKey({
    key: Buffer.from(concat(fromHex("302e020100300506032b657004220420"), seed)),
    format: "der", type: "pkcs8",
  });
export const publicKey = (seed) =>
  Uint8Array.from(
    createPublicKey(keyOf(seed)).export({ format: "der", type: "spki" }).subarray(-32));
export const signature = (seed, text) =>
  Uint8Array.from(sign(null, signedBytes(text), keyOf(seed)));
