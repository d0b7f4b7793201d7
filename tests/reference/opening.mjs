// opening: one element against the object root, as the point evaluation precompile takes it.

import { concat } from "./bytes.mjs";
import { elementPoint, prove, verifyProof, versionedHash } from "./commitments.mjs";
import { parseG1, toBytes as pointBytes } from "./curve.mjs";
import { fromBytes, toBytes } from "./field.mjs";

export function openElement(blob, commitment, element) {
  const z = elementPoint(element);
  const { y, proof } = prove(blob, z);
  return { z, y, proof, input: precompileInput(pointBytes(commitment), z, y, pointBytes(proof)) };
}

export const precompileInput = (commitment, z, y, proof) =>
  concat(versionedHash(commitment), toBytes(z), toBytes(y), commitment, proof);

// Off chain, "Checks" 3.
export function checkInput(input, element) {
  const z = fromBytes(input.subarray(32, 64));
  const y = fromBytes(input.subarray(64, 96));
  const commitment = parseG1(input.subarray(96, 144), { allowInfinity: true });
  const proof = parseG1(input.subarray(144, 192), { allowInfinity: true });
  const hash = versionedHash(input.subarray(96, 144));
  if (Buffer.compare(hash, input.subarray(0, 32)) !== 0) throw new Error("versioned hash");
  if (z !== elementPoint(element)) throw new Error("point");
  if (y >= 2n ** 248n) throw new Error("not a data element");
  if (!verifyProof(commitment, z, y, proof)) throw new Error("proof");
}
