// rust-eth-kzg, by its Node package, as the peer of a bench that drives it over a pipe. Commands
// come one a line, and each is answered by one line:
//
//     blob HEX                                   the blob that the rest is about: "0 COMMITMENT"
//     commit | cells | verify-cells | verify-blobs COUNT      "MICROSECONDS CHECK"
//
// Time is the CPU time of this process around the one call, so threads cannot hide work.

import { createInterface } from 'node:readline';
import { DasContextJs } from '@crate-crypto/node-eth-kzg';

const context = DasContextJs.create({ usePrecomp: true });
const hex = (bytes) => Buffer.from(bytes).toString('hex');

let blob;
let commitment;
let cells;
let blobProof;

function timed(run) {
  const start = process.cpuUsage();
  const result = run();
  const used = process.cpuUsage(start);
  return [used.user + used.system, result];
}

const commands = {
  blob(text) {
    blob = new Uint8Array(Buffer.from(text, 'hex'));
    commitment = context.blobToKzgCommitment(blob);
    cells = undefined;
    blobProof = undefined;
    return [0, hex(commitment)];
  },
  commit() {
    const [time, result] = timed(() => context.blobToKzgCommitment(blob));
    return [time, hex(result)];
  },
  cells() {
    const [time, result] = timed(() => context.computeCellsAndKzgProofs(blob));
    return [time, hex(result.proofs[0])];
  },
  'verify-cells'() {
    cells ??= context.computeCellsAndKzgProofs(blob);
    const indices = cells.cells.map((_, index) => index);
    const commitments = indices.map(() => commitment);
    return timed(() =>
      context.verifyCellKzgProofBatch(commitments, indices, cells.cells, cells.proofs));
  },
  'verify-blobs'(text) {
    blobProof ??= context.computeBlobKzgProof(blob, commitment);
    const times = (value) => Array(Number(text)).fill(value);
    return timed(() =>
      context.verifyBlobKzgProofBatch(times(blob), times(commitment), times(blobProof)));
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [name, text] = line.split(' ');
  process.stdout.write(`${commands[name](text).join(' ')}\n`);
}
