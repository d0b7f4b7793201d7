// Objects that the C++ libraries encoded, encoded again here from the same inputs.

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

import * as bls from "./bls.mjs";
import { ascii, concat, equal, fromHex, readBigEndian, sha256, toHex, zeros } from "./bytes.mjs";
import * as certificate from "./certificate.mjs";
import * as committee from "./committee.mjs";
import { allToBytes, toBytes as pointBytes } from "./curve.mjs";
import { directoryRoot, encodeDirectory } from "./directory.mjs";
import { toBytes } from "./field.mjs";
import { checkRecord, checkWalk, walk } from "./fold.mjs";
import { encodeObject } from "./object.mjs";
import { checkInput, openElement } from "./opening.mjs";
import { addressOf } from "./payload.mjs";
import * as placement from "./placement.mjs";
import * as reservation from "./reservation.mjs";

const FIXTURES_MIN = 20;

// A file is zeros but for its pieces.
function contentsOf({ size, pieces }) {
  const contents = zeros(size);
  for (const { at, bytes } of pieces) contents.set(fromHex(bytes), at);
  return contents;
}

const keys = new Map();
function keyOf(secretHex) {
  if (!keys.has(secretHex)) {
    const secret = readBigEndian(fromHex(secretHex));
    const pubkey = pointBytes(bls.publicKey(secret));
    const pop = pointBytes(bls.sign(secret, pubkey, bls.POSSESSION_TAG));
    keys.set(secretHex, { secret, pubkey, pop });
  }
  return keys.get(secretHex);
}

function makeMembers(list) {
  return list.map(({ secret, operator, weight }) =>
    ({ ...keyOf(secret), operator: fromHex(operator), weight: BigInt(weight) }));
}

function checkObject(object, results) {
  const { header, folded, shape } = object;
  assert.equal(header.payloadBytes, results.payload_bytes);
  assert.equal(header.directoryOffset, results.directory_offset);
  assert.equal(toHex(encodeDirectory(object.directory)), results.directory);
  assert.equal(toHex(directoryRoot(object.directory)), results.directory_root);
  const published = object.commitments.filter(
    (_, n) => n < shape.dataBlobs || n >= shape.domain);
  assert.equal(toHex(sha256(...allToBytes(published))), results.commitments_sha256);
  assert.equal(toHex(header.commitmentsRoot), results.commitments_root);
  assert.deepEqual(folded.alphas.map((alpha) => toHex(toBytes(alpha))), results.fold_challenges);
  assert.equal(toHex(folded.record), results.fold_record);
  assert.equal(toHex(header.foldRoot), results.fold_root);
  assert.equal(toHex(concat(...object.parityHashes)), results.group_parity_hashes);
  assert.equal(toHex(object.headerBytes), results.header);
  assert.equal(toHex(object.root), results.object_root);
}

// Record and two walks, from the first data blob and the last position, hold.
function checkFold({ folded, header, shape }) {
  const checked = checkRecord(folded.record, header, shape.domain);
  for (const n of [0, 2 * shape.domain - 1]) {
    const commitment = checkWalk(walk(folded, n), n, checked, header, shape.domain);
    assert.ok(commitment.equals(folded.layers[0].points[n]));
  }
}

function checkPlacement(object, shards, operators, results) {
  const { shape, header } = object;
  const offset = placement.offsetOf(header.placementSeed);
  const holdersAt = (stripe, run) => placement.holders(
    placement.stripeShards(offset, shape.groupParities, stripe)[run], header.copies, shards,
    operators);
  const blobs = Array.from({ length: shape.stored }, (_, t) => {
    const run = Math.floor(t / shape.runBlobs);
    return holdersAt(Math.floor(run / 8), run % 8);
  });
  const parities = [];
  for (let stripe = 0; stripe < shape.stripes; ++stripe)
    for (let parity = 0; parity < shape.groupParities; ++parity)
      for (let group = 0; group < shape.groupsIn(stripe); ++group)
        parities.push(holdersAt(stripe, 8 + parity));
  assert.deepEqual([...blobs, ...parities], results.holders);
  return blobs;
}

function checkCommittee(inputs, results) {
  const members = makeMembers(inputs.members);
  const shards = committee.firstTable(members);
  const root = committee.committeeRoot({ members, shards });
  assert.equal(toHex(root), results.committee_root);

  const file = committee.readCommitteeFile(results.committee_file);
  assert.ok(equal(file.root, root));
  assert.deepEqual(file.shards, shards);
  assert.equal(file.chainId, BigInt(inputs.chain_id));
  assert.equal(toHex(file.registry), inputs.registry);
  assert.deepEqual(file.records.map(({ member, sequence, endpoint, certificate: pem }) => ({
    member, sequence: Number(sequence), endpoint: Buffer.from(endpoint).toString(),
    certificate: Buffer.from(pem).toString(),
  })), inputs.records);
  return { members, shards, root };
}

function checkCertificate({ members, root }, objectRoot, blobHolders, inputs, results) {
  const message = certificate.digest({
    chainId: BigInt(inputs.committee.chain_id), registry: fromHex(inputs.committee.registry),
    committeeRoot: root, objectRoot, expiry: inputs.expiry,
  });
  assert.equal(toHex(message), results.certificate_digest);
  const signatures =
    inputs.signers.map((i) => bls.sign(members[i].secret, message, bls.SIGNATURE_TAG));
  const encoded = certificate.encode(
    { expiry: inputs.expiry, signatures, signers: inputs.signers, memberCount: members.length });
  assert.equal(toHex(encoded), results.certificate);

  // The bound that C++ computes may be low, never high.
  const weights = members.map(({ weight }) => weight);
  const limit = certificate.weightLimit(weights.reduce((a, b) => a + b), 1, 3);
  const { left } =
    certificate.positionsLeftAtWorst(blobHolders, inputs.signers, weights, limit);
  assert.ok(results.surviving_positions_min <= left,
    `${results.surviving_positions_min} positions are said to be left, ${left} are`);
}

function checkReservation(root, objectRoot, inputs, results) {
  const message = reservation.digest(root, objectRoot, inputs.expiry);
  const seed = fromHex(inputs.publisher_seed);
  assert.equal(toHex(message), results.reservation_digest);
  assert.equal(toHex(reservation.publicKey(seed)), results.publisher_key);
  assert.equal(toHex(reservation.sign(seed, message)), results.reservation_signature);
}

function checkOpening(object, payloadByte, results) {
  const { blob, element } = addressOf(payloadByte);
  const { input } = openElement(object.blobs[blob], object.commitments[blob], element);
  assert.equal(toHex(input), results.opening);
  checkInput(input, element);
}

function checkFixture({ inputs, results }) {
  const object = encodeObject({
    files: inputs.files.map((file) => (
      { path: fromHex(file.path), contents: contentsOf(file), opaque: file.opaque })),
    parityCount: inputs.parity_blobs ?? undefined,
    groupParities: inputs.group_parities,
    copies: inputs.copies,
    parent: inputs.parent === null ? undefined : {
      root: fromHex(inputs.parent.object_root),
      placementSeed: fromHex(inputs.parent.placement_seed),
    },
    provenanceRoot: inputs.provenance === null ? undefined : sha256(ascii(inputs.provenance)),
  });
  checkObject(object, results);
  checkFold(object);
  const epoch = checkCommittee(inputs.committee, results);
  const operators = epoch.members.map(({ operator }) => toHex(operator));
  const blobHolders = checkPlacement(object, epoch.shards, operators, results);
  checkCertificate(epoch, object.root, blobHolders, inputs, results);
  checkReservation(epoch.root, object.root, inputs, results);
  if (inputs.opened_payload_byte !== null)
    checkOpening(object, inputs.opened_payload_byte, results);
}

const folder = process.env.ASHLAR_FIXTURES;
if (folder === undefined) {
  test("fixtures", { skip: "ASHLAR_FIXTURES does not name what make-fixtures wrote" });
} else {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  test("there are enough fixtures", () => assert.ok(names.length >= FIXTURES_MIN));
  for (const name of names)
    test(`fixture ${name}`, () =>
      checkFixture(JSON.parse(readFileSync(path.join(folder, name), "utf8"))));
}
