// Every value of every worked example of docs/formats, recomputed.

import assert from "node:assert/strict";
import { test } from "node:test";

import * as bls from "./bls.mjs";
import { ascii, bigEndian, concat, littleEndian, pattern, sha256, toHex, zeros } from "./bytes.mjs";
import * as certificate from "./certificate.mjs";
import * as committee from "./committee.mjs";
import * as commitments from "./commitments.mjs";
import { G1, G2, allToBytes, parseG1, toBytes as pointBytes } from "./curve.mjs";
import * as directory from "./directory.mjs";
import * as equivalence from "./equivalence.mjs";
import { readExamples } from "./examples.mjs";
import { FR, R, extend, reverseBits, rootOfUnity, toBytes } from "./field.mjs";
import * as folding from "./fold.mjs";
import { encodeHeader, objectRoot, parseHeader } from "./header.mjs";
import * as merkle from "./merkle.mjs";
import { encodeObject } from "./object.mjs";
import * as code from "./object-code.mjs";
import { checkInput, openElement } from "./opening.mjs";
import * as payload from "./payload.mjs";
import * as placement from "./placement.mjs";
import * as provenance from "./provenance.mjs";
import * as reservation from "./reservation.mjs";
import * as ssz from "./ssz.mjs";
import * as stored from "./stored-form.mjs";

const examples = readExamples();
const unchecked = new Set(examples.keys());

// One test an example; it fails too if a key of the example was not looked at.
function check(name, body) {
  unchecked.delete(name);
  test(`example ${name}`, () => {
    const example = examples.get(name);
    assert.ok(example, `no example ${name} in docs/formats`);
    body(example);
    assert.deepEqual([...example.unread], [], "keys that no check read");
  });
}
const same = (example, key, bytes) => assert.equal(toHex(bytes), example.hex(key), key);
const sameNumbers = (example, key, numbers) =>
  assert.deepEqual(example.integers(key), numbers, key);
const sameElement = (example, key, value) => same(example, key, toBytes(value));

// A copy with one entry changed.
const replaced = (list, index, value) => {
  const copy = list.slice();
  copy[index] = value;
  return copy;
};
const lazily = (make) => {
  let value;
  return () => (value ??= make());
};
const object = lazily(() => {
  const example = examples.get("object-files");
  const files = [0, 1, 2].map((i) => ({
    path: ascii(example.text(`path_${i}`)), contents: example.bytes(`contents_${i}`),
  }));
  return encodeObject({ files, groupParities: 2, copies: 1 });
});
const SECRETS = [1n, 2n, 3n, 4n, 5n];
const members = lazily(() => {
  const operators = [0, 1, 2, 3, 0].map((i) => sha256(ascii(`operator ${i}`)));
  const weights = [10n, 10n, 5n, 20n, 7n];
  return SECRETS.map((secret, i) => {
    const pubkey = pointBytes(bls.publicKey(secret));
    const pop = pointBytes(bls.sign(secret, pubkey, bls.POSSESSION_TAG));
    return { pubkey, pop, operator: operators[i], weight: weights[i] };
  });
});
const operatorNames = () => members().map(({ operator }) => toHex(operator));
const table = lazily(() => committee.firstTable(members()));
const committeeRoot = () => committee.committeeRoot({ members: members(), shards: table() });

check("constants", (example) => {
  same(example, "r", bigEndian(R, 32));
  sameElement(example, "root_of_unity_32", rootOfUnity(32));
  sameElement(example, "root_of_unity_4096", rootOfUnity(4096));
  sameNumbers(example, "rev_12_of_1", [reverseBits(1, 12)]);
  sameNumbers(example, "rev_12_of_6", [reverseBits(6, 12)]);
  sameNumbers(example, "rev_5_of_6", [reverseBits(6, 5)]);
  same(example, "pattern_3_8", pattern(3, 8));
  same(example, "pattern_0_300_sha256", sha256(pattern(0, 300)));
});

check("points", (example) => {
  same(example, "g1_generator", pointBytes(G1.BASE));
  same(example, "g1_generator_doubled", pointBytes(G1.BASE.double()));
  same(example, "g1_generator_negated", pointBytes(G1.BASE.negate()));
  same(example, "g1_infinity", pointBytes(G1.ZERO));
  same(example, "g2_generator", pointBytes(G2.BASE));
});

check("merkle", (example) => {
  const leaves = [0, 1, 2].map((i) => sha256(Uint8Array.of(i)));
  leaves.forEach((leaf, i) => same(example, `leaf_${i}`, leaf));
  const tree = merkle.levels(leaves);
  same(example, "root", tree.at(-1)[0]);
  const path = merkle.path(tree, 2);
  same(example, "path_of_2", concat(...path));
  same(example, "root", merkle.follow(leaves[2], 2, path));
});

check("ssz", (example) => {
  same(example, "uint64_258_chunk", ssz.uint(258));
  same(example, "byte_list_abc_limit_1024_root", ssz.byteList(ascii("abc"), 1024));
  same(example, "byte_list_empty_limit_1024_root", ssz.byteList(zeros(0), 1024));
  same(example, "byte_vector_pattern_0_48_root", ssz.fixedBytes(pattern(0, 48)));
  same(example, "uint64_list_7_8_limit_8_root", ssz.uint64List([7, 8], 8));
  same(example, "container_of_chunks_1_2_3_root", ssz.container(...[1, 2, 3].map(ssz.uint)));
});

check("setup", (example) => {
  for (const k of [0, 1, 2048])
    same(example, `g1_lagrange_${k}`, pointBytes(commitments.lagrangePoint(k)));
  same(example, "tau_g2", pointBytes(commitments.tauG2()));
});

check("commitment-units", (example) => {
  const unit = (at) => Array.from({ length: 4096 }, (_, e) => (e === at ? 1n : 0n));
  const commit = (elements) => pointBytes(commitments.commit(elements));
  same(example, "only_element_0_is_1", commit(unit(0)));
  same(example, "only_element_1_is_1", commit(unit(1)));
  same(example, "all_elements_5", commit(new Array(4096).fill(5n)));
  same(example, "all_elements_0", commit(new Array(4096).fill(0n)));
});

check("object-commitments", (example) => {
  const bytes = allToBytes(object().commitments);
  for (const n of [0, 1, 2, 3, 16, 31]) same(example, `commitment_${n}`, bytes[n]);
  same(example, "leaf_1", commitments.leaf(bytes[1]));
  const tree = commitments.tree(bytes);
  same(example, "commitments_root", tree.at(-1)[0]);
  same(example, "path_of_1", concat(...merkle.path(tree, 1)));
  // Commit then extend equals extend then commit.
  same(example, "commitment_16", pointBytes(commitments.commit(
    code.parityBlobs(object().blobs, object().shape)[0])));
  assert.ok(commitments.isCodeword(object().commitments));
  const spoiled = replaced(object().commitments, 20, G1.BASE);
  assert.ok(!commitments.isCodeword(spoiled));
});

check("committee", (example) => {
  const all = members();
  const shards = table();
  same(example, "operators", concat(...all.map(({ operator }) => operator)));
  sameNumbers(example, "weights", all.map(({ weight }) => Number(weight)));
  same(example, "pubkeys", concat(...all.map(({ pubkey }) => pubkey)));
  all.forEach(({ pubkey, pop }, i) => {
    same(example, `pop_${i}`, pop);
    assert.ok(bls.verify(parseG1(pubkey), pubkey, bls.POSSESSION_TAG, G2.fromHex(pop)));
  });
  sameNumbers(example, "shards_0_to_31", shards.slice(0, 32));
  sameNumbers(example, "shards_per_member",
    all.map((_, i) => shards.filter((member) => member === i).length));
  same(example, "shards_sha256", sha256(committee.encodeShards(shards)));
  same(example, "member_roots", concat(...all.map(committee.memberRoot)));
  same(example, "members_root", committee.membersRoot(all));
  same(example, "shards_root", committee.shardsRoot(shards));
  same(example, "committee_root", committeeRoot());
});

check("first-table", (example) => {
  const weights = example.integers("weights");
  const shards = committee.firstTable(example.integers("operator_numbers")
    .map((n, i) => ({ operator: littleEndian(n, 32), weight: BigInt(weights[i]) })));
  sameNumbers(example, "shards_0_to_47", shards.slice(0, 48));
  sameNumbers(example, "shards_per_member",
    weights.map((_, i) => shards.filter((member) => member === i).length));
  same(example, "shards_sha256", sha256(committee.encodeShards(shards)));
});

check("node-record", (example) => {
  const secret = BigInt(example.integer("secret_key"));
  const { pubkey } = members()[0];
  assert.deepEqual(pointBytes(bls.publicKey(secret)), pubkey);
  const digest = committee.recordDigest(pubkey, {
    sequence: example.integer("sequence"),
    endpoint: example.bytes("endpoint"),
    certificate: example.bytes("certificate"),
  });
  same(example, "digest", digest);
  same(example, "signature", pointBytes(bls.sign(secret, digest, bls.SIGNATURE_TAG)));
  assert.equal(committee.serverName(pubkey), example.text("server_name"));
});

check("empty-directory", (example) => {
  const empty = { files: [], tensors: [] };
  same(example, "encoding", directory.encodeDirectory(empty));
  same(example, "directory_root", directory.directoryRoot(empty));
});

check("object-file-2", (example) => {
  const file = object().directory.files[2];
  same(example, "path", file.path);
  sameNumbers(example, "offset", [file.offset]);
  sameNumbers(example, "size", [file.size]);
  same(example, "sha256", file.sha256);
  same(example, "git_sha1", file.gitSha1);
  same(example, "encoding", directory.encodeFile(file));
  same(example, "root", directory.fileRoot(file));
});

check("object-tensor-1", (example) => {
  const tensor = object().directory.tensors[1];
  same(example, "name", tensor.name);
  sameNumbers(example, "file_index", [tensor.fileIndex]);
  sameNumbers(example, "dtype", [tensor.dtype]);
  sameNumbers(example, "shape", tensor.shape);
  sameNumbers(example, "offset", [tensor.offset]);
  sameNumbers(example, "size", [tensor.size]);
  same(example, "encoding", directory.encodeTensor(tensor));
  same(example, "root", directory.tensorRoot(tensor));
});

check("object-directory", (example) => {
  const made = object().directory;
  same(example, "encoding", directory.encodeDirectory(made));
  same(example, "file_roots", concat(...made.files.map(directory.fileRoot)));
  same(example, "tensor_roots", concat(...made.tensors.map(directory.tensorRoot)));
  same(example, "directory_root", directory.directoryRoot(made));
});

for (const dataBlobs of [1, 3, 17, 40000, 65537, 5423000])
  check(`shape-${dataBlobs}`, (example) => {
    const groupParities = example.integer("group_parities");
    const parityBlobs = code.defaultParityBlobs(dataBlobs);
    const shape = code.makeShape(dataBlobs, parityBlobs, groupParities);
    sameNumbers(example, "data_blobs", [dataBlobs]);
    sameNumbers(example, "domain", [shape.domain]);
    sameNumbers(example, "default_parity_blobs", [parityBlobs]);
    sameNumbers(example, "stored", [shape.stored]);
    sameNumbers(example, "run_blobs", [shape.runBlobs]);
    sameNumbers(example, "runs", [shape.runs]);
    sameNumbers(example, "stripes", [shape.stripes]);
    sameNumbers(example, "groups_in_last_stripe", [shape.groupsIn(shape.stripes - 1)]);
    sameNumbers(example, "local_parities", [shape.localParities]);
  });

check("row", (example) => {
  const values = example.integers("values").map(BigInt);
  assert.equal(values.length, example.integer("data_blobs"));
  while (values.length < 16) values.push(0n);
  const parity = extend(FR, values);
  for (const n of [16, 17, 31]) sameElement(example, `value_at_${n}`, parity[n - 16]);
});

check("group-parity", (example) => {
  const given = example.list("members");
  assert.deepEqual(given, given.map((_, i) => pattern(16 * i, 4)));
  for (let l = 0; l < 4; ++l) {
    same(example, `coefficients_${l}`,
      Uint8Array.from({ length: 8 }, (_, i) => code.groupCoefficient(l, i)));
    same(example, `parity_${l}`, code.groupParity(l, given, 4));
  }
});

check("object-parity", (example) => {
  const { shape, stored, parityHashes, header } = object();
  sameNumbers(example, "parity_blobs", [shape.parityBlobs]);
  sameNumbers(example, "stored", [shape.stored]);
  same(example, "position_16_sha256", sha256(stored[3]));
  same(example, "position_31_sha256", sha256(stored[18]));
  same(example, "local_parity_sha256", concat(...parityHashes));
  same(example, "group_parity_root", header.groupParityRoot);
});

check("fold-weights", (example) => {
  const weights = folding.weights(example.integer("points"), example.integer("fiber"),
    BigInt(example.integer("alpha")));
  same(example, "weights", concat(...weights.map(toBytes)));
});

check("fold-challenge", (example) => {
  const roots = [1, 2].map((j) => example.bytes(`root_${j}`));
  for (const j of [0, 1, 2])
    sameElement(example, `alpha_${j}`, folding.challenge(example.integer("data_blobs"),
      example.integer("parity_blobs"), example.bytes("commitments_root"), roots.slice(0, j)));
});

// fold, "Worked example": c_n = d_n·G1 with d_n = n + 1 for n < K.
function ruleCodeword(dataBlobs, domain) {
  const scalars = Array.from({ length: domain }, (_, n) => (n < dataBlobs ? BigInt(n + 1) : 0n));
  return [...scalars, ...extend(FR, scalars)]
    .map((d) => (d === 0n ? G1.ZERO : G1.BASE.multiply(d)));
}
const ruleFold = (dataBlobs) => {
  const shape = code.makeShape(dataBlobs, code.defaultParityBlobs(dataBlobs), 2);
  return { shape, folded: folding.fold(ruleCodeword(dataBlobs, shape.domain), shape) };
};
const fold300 = lazily(() => ruleFold(300));
const headerOf = ({ shape, folded }) => ({
  dataBlobs: shape.dataBlobs, parityBlobs: shape.parityBlobs,
  commitmentsRoot: folded.commitmentsRoot, foldRoot: folded.foldRoot,
});

function checkFold(example, { shape, folded }) {
  sameNumbers(example, "data_blobs", [shape.dataBlobs]);
  sameNumbers(example, "parity_blobs", [shape.parityBlobs]);
  sameNumbers(example, "domain", [shape.domain]);
  sameNumbers(example, "layers", [folded.layers.length - 1]);
  for (const n of [0, shape.domain, 2 * shape.domain - 1])
    same(example, `commitment_${n}`, folded.layers[0].bytes[n]);
  same(example, "commitments_root", folded.commitmentsRoot);
  folded.alphas.forEach((alpha, j) => sameElement(example, `alpha_${j}`, alpha));
  folded.roots.forEach((root, j) => same(example, `root_${j + 1}`, root));
  same(example, "final", concat(...folded.layers.at(-1).bytes));
  sameNumbers(example, "record_bytes", [folded.record.length]);
  same(example, "fold_root", folded.foldRoot);
}

check("fold-33", (example) => {
  const made = ruleFold(33);
  checkFold(example, made);
  const header = headerOf(made);
  const checked = folding.checkRecord(made.folded.record, header, 64);
  const c = folding.checkWalk(folding.walk(made.folded, 127), 127, checked, header, 64);
  assert.equal(toHex(pointBytes(c)), example.hex("commitment_127"));
});

check("fold-300", (example) => checkFold(example, fold300()));

check("walk-300", (example) => {
  const { folded } = fold300();
  sameNumbers(example, "data_blobs", [fold300().shape.dataBlobs]);
  const start = example.integer("start");
  const steps = folding.walk(folded, start);
  for (const j of [0, 1]) {
    const fiber = Math.floor(start / 8 ** (j + 1));
    sameNumbers(example, `fiber_index_${j}`, [fiber]);
    same(example, `fiber_${j}`, steps[j].points);
    same(example, `path_${j}`, concat(...steps[j].path));
    same(example, `folded_${j}`, folded.layers[j + 1].bytes[fiber]);
  }
  sameNumbers(example, "next_slot_0", [example.integer("fiber_index_0") % 8]);
  sameNumbers(example, "final_position", [example.integer("fiber_index_1")]);

  const header = headerOf(fold300());
  const checked = folding.checkRecord(folded.record, header, 512);
  const accept = (walked, n) => folding.checkWalk(walked, n, checked, header, 512);
  assert.equal(toHex(pointBytes(accept(steps, start))), toHex(folded.layers[0].bytes[start]));
  assert.throws(() => accept(steps, start ^ 8), /path/);
  const spoiled = [{ ...steps[0], points: steps[0].points.slice() }, steps[1]];
  spoiled[0].points.set(pointBytes(G1.BASE), 0);
  assert.throws(() => accept(spoiled, start), /path/);
});

check("object-fold", (example) => {
  const { folded, header } = object();
  sameNumbers(example, "layers", [folded.layers.length - 1]);
  sameNumbers(example, "record_bytes", [folded.record.length]);
  same(example, "record_sha256", sha256(folded.record));
  same(example, "fold_root", folded.foldRoot);
  const checked = folding.checkRecord(folded.record, header, 16);
  assert.ok(folding.checkWalk([], 5, checked, header, 16).is0());
});

check("object-evidence", (example) => {
  const { commitments: codeword, header, root, shape, stored } = object();
  assert.equal(example.text("kind"), "false_sample");
  const [t, n, member] = ["stored", "position", "member"].map((key) => example.integer(key));
  assert.equal(n, t < shape.dataBlobs ? t : t - shape.dataBlobs + shape.domain);
  const shards = placement.stripeShards(placement.offsetOf(header.placementSeed), 2, 0);
  assert.equal(table()[shards[t]], member);
  same(example, "member_key", members()[member].pubkey);
  same(example, "object_root", root);

  const bytes = allToBytes(codeword);
  same(example, "commitment", bytes[n]);
  same(example, "commitment_path", concat(...merkle.path(commitments.tree(bytes), n)));
  const given = stored[t].slice();
  given.set(example.bytes("given_byte"), example.integer("changed_byte"));
  same(example, "given_sha256", sha256(given));
  const elements = Array.from({ length: payload.ELEMENTS },
    (_, e) => BigInt(`0x${toHex(given.subarray(32 * e, 32 * e + 32))}`));
  same(example, "given_commitment", pointBytes(commitments.commit(elements)));
  assert.notEqual(example.hex("given_commitment"), example.hex("commitment"));
});

check("object-header", (example) => {
  const { header, headerBytes, root } = object();
  sameNumbers(example, "payload_bytes", [header.payloadBytes]);
  sameNumbers(example, "directory_offset", [header.directoryOffset]);
  sameNumbers(example, "data_blobs", [header.dataBlobs]);
  sameNumbers(example, "parity_blobs", [header.parityBlobs]);
  sameNumbers(example, "group_parities", [header.groupParities]);
  sameNumbers(example, "copies", [header.copies]);
  same(example, "placement_seed", header.placementSeed);
  same(example, "header", headerBytes);
  same(example, "object_root", root);
});

check("object-header-child", (example) => {
  const provenanceRoot = sha256(ascii("statement"));
  same(example, "parent_root", object().root);
  same(example, "provenance_root", provenanceRoot);
  const child = encodeHeader({
    ...object().header, copies: example.integer("copies"), parentRoot: object().root,
    provenanceRoot,
  });
  parseHeader(child);
  same(example, "object_root", objectRoot(child));
});

check("payload-addresses", (example) => {
  const addresses = example.integers("payload_bytes").map(payload.addressOf);
  sameNumbers(example, "blobs", addresses.map(({ blob }) => blob));
  sameNumbers(example, "elements", addresses.map(({ element }) => element));
  sameNumbers(example, "bytes_in_element", addresses.map(({ byte }) => byte));
});

check("opening", (example) => {
  const { blob, element, byte } = payload.addressOf(example.integer("payload_byte"));
  sameNumbers(example, "blob", [blob]);
  sameNumbers(example, "element", [element]);
  sameNumbers(example, "byte_in_element", [byte]);
  const commitment = object().commitments[blob];
  const opening = openElement(object().blobs[blob], commitment, element);
  sameElement(example, "z", opening.z);
  sameElement(example, "y", opening.y);
  same(example, "commitment", pointBytes(commitment));
  same(example, "proof", pointBytes(opening.proof));
  same(example, "versioned_hash", commitments.versionedHash(pointBytes(commitment)));
  same(example, "precompile_input", opening.input);
  checkInput(opening.input, element);
  assert.throws(() => checkInput(replaced(opening.input, 95, 1), element), /proof/);
});

check("layout", (example) => {
  const { offsets, directoryOffset } = payload.layout(example.integers("sizes"));
  sameNumbers(example, "offsets", offsets);
  sameNumbers(example, "directory_offset", [directoryOffset]);
  sameNumbers(example, "payload_bytes_with_directory_of_8", [directoryOffset + 8]);
  sameNumbers(example, "data_blobs", [payload.dataBlobCount(directoryOffset + 8)]);
});

check("packing", (example) => {
  same(example, "payload", pattern(5, 70));
  const blob = payload.dataBlob(pattern(5, 70), 0);
  for (const e of [0, 1, 2, 3]) sameElement(example, `element_${e}`, blob[e]);
  same(example, "blob_sha256", sha256(payload.blobBytes(blob)));
});

check("object-files", (example) => {
  object().files.forEach(({ path, contents }, i) => {
    assert.equal(Buffer.from(path).toString(), example.text(`path_${i}`));
    same(example, `contents_${i}`, contents);
  });
});

check("object-payload", (example) => {
  const made = object();
  sameNumbers(example, "offsets", made.directory.files.map(({ offset }) => offset));
  sameNumbers(example, "directory_offset", [made.header.directoryOffset]);
  sameNumbers(example, "directory_bytes", [made.payload.length - made.header.directoryOffset]);
  sameNumbers(example, "payload_bytes", [made.payload.length]);
  sameNumbers(example, "data_blobs", [made.blobs.length]);
  same(example, "payload_sha256", sha256(made.payload));
  made.blobs.forEach((blob, i) =>
    same(example, `blob_${i}_sha256`, sha256(payload.blobBytes(blob))));
});

check("base-shards", (example) => {
  const offset = placement.offsetOf(example.bytes("placement_seed"));
  const groupParities = example.integer("group_parities");
  sameNumbers(example, "offset", [offset]);
  sameNumbers(example, "base_shards", example.integers("stripes")
    .map((stripe) => placement.baseShard(offset, groupParities, stripe)));
});

check("object-placement", (example) => {
  const offset = placement.offsetOf(object().header.placementSeed);
  for (const stripe of [0, 1, 2]) {
    const shards = placement.stripeShards(offset, 2, stripe);
    sameNumbers(example, `stripe_${stripe}_shards`, shards);
    sameNumbers(example, `stripe_${stripe}_members`, shards.map((shard) => table()[shard]));
  }
});

check("copies", (example) => {
  const copies = example.integer("copies");
  example.integers("shards").forEach((shard, i) =>
    sameNumbers(example, `holders_${i}`,
      placement.holders(shard, copies, table(), operatorNames())));
});

const certified = (example) => ({
  chainId: example.integer("chain_id"),
  registry: example.bytes("registry"),
  committeeRoot: example.bytes("committee_root"),
  objectRoot: example.bytes("object_root"),
  expiry: example.integer("expiry"),
});

check("certificate", (example) => {
  const fields = certified(example);
  assert.deepEqual(fields.committeeRoot, committeeRoot());
  assert.deepEqual(fields.objectRoot, object().root);
  same(example, "preimage", certificate.preimage(fields));
  const digest = certificate.digest(fields);
  same(example, "digest", digest);
  same(example, "digest_hashed_to_g2", pointBytes(bls.hashToG2(digest, bls.SIGNATURE_TAG)));

  const signers = example.integers("signers");
  const signatures = signers.map((i) => bls.sign(SECRETS[i], digest, bls.SIGNATURE_TAG));
  signers.forEach((i, at) => same(example, `signature_of_${i}`, pointBytes(signatures[at])));
  same(example, "bitmap", certificate.bitmap(signers, 5));
  same(example, "aggregate_key",
    pointBytes(certificate.sum(G1, signers.map((i) => bls.publicKey(SECRETS[i])))));
  same(example, "aggregate_signature", pointBytes(certificate.sum(G2, signatures)));
  const encoded =
    certificate.encode({ expiry: fields.expiry, signatures, signers, memberCount: 5 });
  same(example, "encoding", encoded);

  const pubkeys = members().map(({ pubkey }) => pubkey);
  assert.deepEqual(certificate.verify(encoded, pubkeys, digest), signers);
  const verifyBitmap = (bits) =>
    certificate.verify(replaced(encoded, 104, bits), pubkeys, digest);
  assert.throws(() => verifyBitmap(0x0f), /signature/);
  assert.throws(() => verifyBitmap(0x2b), /bitmap/);
});

check("certificate-chain", (example) => {
  same(example, "digest", certificate.digest(certified(example)));
});

for (const copies of [1, 2])
  check(`counting-${copies}`, (example) => {
    const weights = members().map(({ weight }) => weight);
    const total = weights.reduce((a, b) => a + b);
    const limit = certificate.weightLimit(
      total, example.integer("share_numerator"), example.integer("share_denominator"));
    sameNumbers(example, "copies", [copies]);
    sameNumbers(example, "total_weight", [Number(total)]);
    sameNumbers(example, "weight_of_a_at_most", [Number(limit)]);

    const offset = placement.offsetOf(object().header.placementSeed);
    const holdersOf = object().stored.map((_, t) => {
      const shard = placement.stripeShards(offset, 2, Math.floor(t / 8))[t % 8];
      return placement.holders(shard, copies, table(), operatorNames());
    });
    const { onSigners, left } = certificate.positionsLeftAtWorst(
      holdersOf, example.integers("signers"), weights, limit);
    sameNumbers(example, "positions_on_signers", [onSigners]);
    sameNumbers(example, "positions_left_at_worst", [left]);
  });

check("reservation", (example) => {
  const seed = example.bytes("seed");
  const key = reservation.publicKey(seed);
  same(example, "public_key", key);
  const digest = reservation.digest(example.bytes("committee_root"), example.bytes("object_root"),
    example.integer("expiry"));
  same(example, "digest", digest);
  const signature = reservation.sign(seed, digest);
  same(example, "signature", signature);
  assert.ok(reservation.verify(key, digest, signature));
});

check("equivalence", (example) => {
  const { blobs, commitments: points, payload: bytes } = object();
  const first = example.integer("first_blob");
  const end = example.integer("end_blob");
  const covered = zeros((end - first) * payload.BLOB_PAYLOAD);
  covered.set(bytes.subarray(first * payload.BLOB_PAYLOAD, end * payload.BLOB_PAYLOAD));
  same(example, "w", sha256(covered));
  const gamma = equivalence.gammaOf({
    objectRoot: example.bytes("object_root"), first, end, scheme: example.integer("scheme"),
    w: example.bytes("w"),
  });
  sameElement(example, "gamma", gamma);
  const z = equivalence.pointOf(gamma);
  sameElement(example, "z", z);
  const made = equivalence.combined(blobs.slice(first, end), points.slice(first, end), gamma, z);
  made.values.forEach((value, i) => sameElement(example, `p_${first + i}_of_z`, value));
  sameElement(example, "y", made.y);
  same(example, "combined_commitment", pointBytes(made.commitment));
  same(example, "proof", pointBytes(made.proof));
  assert.ok(commitments.verifyProof(made.commitment, z, made.y, made.proof));
});

// stored-form.md
const runsOf = (example) => {
  const bytes = example.integers("run_bytes");
  return example.integers("run_widths").map((width, i) => ({ width, bytes: bytes[i] }));
};

check("stored-form", (example) => {
  const data = concat(pattern(9, 21), zeros(payload.BLOB_PAYLOAD - 21));
  same(example, "payload_begin", data.subarray(0, 21));
  same(example, "payload_sha256", sha256(data));
  same(example, "frame", stored.frameOfZeros(data.length - 21));
  same(example, "form", stored.encode(data, runsOf(example)));
  same(example, "payload_sha256", sha256(stored.decode(stored.encode(data, runsOf(example)))));
});

check("stored-form-difference", (example) => {
  const parent = pattern(1, payload.BLOB_PAYLOAD);
  const data = parent.map((byte, i) => (i < 4 ? byte ^ (i + 1) : byte));
  same(example, "payload_sha256", sha256(data));
  const form = stored.encode(data, runsOf(example), parent);
  same(example, "form", form);
  same(example, "payload_sha256", sha256(stored.decode(form, parent)));
  assert.throws(() => stored.decode(form));
});

// provenance.md
check("provenance", (example) => {
  const contents = {
    "ashlar.intoto.json": pattern(9, 5),
    "config.json": ascii("{}"),
    "model.safetensors": pattern(2, 64),
  };
  const files = Object.entries(contents).map(([path, bytes]) => ({ path, digest: sha256(bytes) }));
  const parent = sha256(pattern(3, 1));
  const digest = sha256(pattern(4, 7));
  same(example, "parent_root", parent);
  same(example, "dataset_sha256", digest);
  const dataset = {
    name: example.text("dataset_name"), uri: example.text("dataset_uri"), digest,
  };
  const claims = { license: example.text("license"), parent, datasets: [dataset] };
  const text = provenance.statement(files, claims);
  sameNumbers(example, "statement_bytes", [text.length]);
  same(example, "statement", text);
  same(example, "provenance_root", provenance.provenanceRoot(text));
  same(example, "seed", pattern(1, 32));
  same(example, "public_key", provenance.publicKey(pattern(1, 32)));
  same(example, "signed_begin", provenance.signedBytes(text).subarray(0, 48));
  same(example, "signature", provenance.signature(pattern(1, 32), text));
});

test("every example is checked", () => assert.deepEqual([...unchecked], []));
