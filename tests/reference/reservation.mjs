// reservation: the publisher's signed request for room.

import { ed25519 } from "@noble/curves/ed25519.js";

import { ascii, sha256, u64be } from "./bytes.mjs";

export const digest = (committeeRoot, objectRoot, expiry) =>
  sha256(ascii("ashlar/reserve/v1"), committeeRoot, objectRoot, u64be(expiry));

export const publicKey = (seed) => ed25519.getPublicKey(seed);
export const sign = (seed, message) => ed25519.sign(message, seed);
export const verify = (key, message, signature) => ed25519.verify(signature, message, key);
