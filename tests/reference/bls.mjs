// committee, "BLS signatures": keys in G1, signatures in G2, proof-of-possession scheme.

import { bls12_381 } from "@noble/curves/bls12-381.js";

import { G1, G2, pairingProductIsOne } from "./curve.mjs";

export const SIGNATURE_TAG = "BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";
export const POSSESSION_TAG = "BLS_POP_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

export const hashToG2 = (message, tag) =>
  G2.fromAffine(bls12_381.G2.hashToCurve(message, { DST: tag }).toAffine());

export const publicKey = (secret) => G1.BASE.multiply(secret);
export const sign = (secret, message, tag) => hashToG2(message, tag).multiply(secret);

// e(pubkey, H(message, tag)) = e(G1, signature).
export const verify = (key, message, tag, signature) =>
  pairingProductIsOne([key, hashToG2(message, tag)], [G1.BASE.negate(), signature]);
