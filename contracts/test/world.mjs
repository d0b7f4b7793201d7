// A committee, a small object and one of several layers, and everything that proves things of them.

import * as bls from "../../tests/reference/bls.mjs";
import {
  ascii,
  concat,
  fromHex,
  sha256,
  toHex,
  u64be,
  zeros,
} from "../../tests/reference/bytes.mjs";
import * as certificate from "../../tests/reference/certificate.mjs";
import * as committee from "../../tests/reference/committee.mjs";
import * as directory from "../../tests/reference/directory.mjs";
import { encodeHeader, objectRoot, seedOf } from "../../tests/reference/header.mjs";
import { FR, extend } from "../../tests/reference/field.mjs";
import { fold } from "../../tests/reference/fold.mjs";
import * as merkle from "../../tests/reference/merkle.mjs";
import { makeShape } from "../../tests/reference/object-code.mjs";
import { buildPayload, dataBlobs, layout, sortFiles } from "../../tests/reference/payload.mjs";
import { G1_MODULE } from "../../tests/reference/curve.mjs";
import * as ssz from "../../tests/reference/ssz.mjs";
import { balance, chainId, deploy, now, rpc, send, signerOf, signers } from "./chain.mjs";
import * as kzg from "./kzg.mjs";
import { G1, g1, g2, setupBytes } from "./points.mjs";

export const hex = (bytes) => `0x${toHex(bytes)}`;
export const bytes = (text) => fromHex(text.slice(2));
export const ETHER = 10n ** 18n;
export const STAKE = 2n * ETHER;
export const EXIT_DELAY = 30 * 86400;
export const BOND = ETHER / 10n;
export const PENALTY = ETHER;
export const WINDOW = 50;

// ---- contracts

export async function deployAll(registry = "CommitteeRegistry") {
  const c = {};
  const steward = signers[0].address;
  c.committee = await deploy(registry, steward, ETHER, EXIT_DELAY);
  c.invalid = await deploy("InvalidObject");
  c.models = await deploy(
    "ModelRegistry",
    await c.committee.getAddress(),
    await c.invalid.getAddress(),
  );
  c.walks = await deploy("WalkVerifier", await c.invalid.getAddress());
  const bound = [await c.models.getAddress(), await c.walks.getAddress()];
  c.weights = await deploy("WeightVerifier", ...bound, setupBytes());
  c.equivalence = await deploy("EquivalenceVerifier", ...bound);
  c.custody = await deploy(
    "CustodyChallenge",
    await c.committee.getAddress(),
    bound[0],
    BOND,
    PENALTY,
    WINDOW,
  );
  await send(c.committee.bindSlasher(await c.custody.getAddress()));
  return c;
}

// ---- nodes and epochs

export const consentDigest = (registry, owner, key48) =>
  sha256(
    ascii("ashlar/registration/v1"),
    u64be(chainId),
    bytes(registry.toLowerCase()),
    bytes(owner.toLowerCase()),
    key48,
  );

// What a node with this secret key sends to register under `owner`.
export async function registration(registry, owner, secret) {
  const key = bls.publicKey(secret);
  const key48 = key.toBytes(true);
  const digest = consentDigest(await registry.getAddress(), owner, key48);
  return {
    key,
    key48,
    possession: bls.sign(secret, key48, bls.POSSESSION_TAG),
    consent: bls.sign(secret, digest, bls.SIGNATURE_TAG),
  };
}

export async function register(registry, owner, secret, value = STAKE) {
  const r = await registration(registry, owner.address, secret);
  await send(
    registry
      .connect(owner)
      .register(
        g1(r.key),
        g2(r.possession),
        g2(r.consent),
        `node${secret}.example.org:7400`,
        hex(sha256(ascii("certificate"))),
        { value },
      ),
  );
  return {
    secret,
    owner: owner.address,
    pubkey: r.key48,
    pop: r.possession.toBytes(true),
    operator: concat(bytes(owner.address.toLowerCase()), zeros(12)),
    weight: value / 10n ** 9n,
  };
}

// Addresses with money that sign without keys of ours.
export async function accounts(count) {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const address = `0x${(0xa5a500000000 + i).toString(16).padStart(40, "0")}`;
      await rpc("hardhat_impersonateAccount", address);
      await balance(address, 10000n * ETHER);
      return signerOf(address);
    }),
  );
}

export async function openEpoch(registry, members) {
  const shards = committee.firstTable(members);
  const table = committee.encodeShards(shards);
  await send(registry.countMembers(10000));
  await send(registry.openEpoch(hex(table)));
  return { members, shards, table };
}

// ---- certificates

const sumOf = (secrets) => secrets.reduce((a, b) => a + b, 0n);

export function signed({ digest, secrets, signed: who, memberCount, epoch, expiry }) {
  return {
    epoch,
    expiry,
    bitmap: hex(certificate.bitmap(who, memberCount)),
    signature: g2(bls.sign(sumOf(who.map((i) => secrets[i])), digest, bls.SIGNATURE_TAG)),
  };
}

export async function certify(c, { object, secrets, who, epoch = 1, expiry, ...change }) {
  expiry ??= (await now()) + 86400;
  const fields = {
    chainId,
    registry: bytes((await c.committee.getAddress()).toLowerCase()),
    committeeRoot: bytes(await c.committee.rootOf(epoch)),
    objectRoot: object.root,
    expiry,
    ...change,
  };
  return signed({
    digest: certificate.digest(fields),
    secrets,
    signed: who ?? [...secrets.keys()],
    memberCount: secrets.length,
    epoch,
    expiry,
  });
}

// ---- objects

const leavesOf = (header) =>
  Array.from({ length: 16 }, (_, i) => hex(header.subarray(32 * i, 32 * i + 32)));

export function finish(fields, extra) {
  const header = {
    directoryOffset: 0,
    groupParities: 0,
    copies: 3,
    directoryRoot: zeros(32),
    groupParityRoot: zeros(32),
    parentRoot: zeros(32),
    provenanceRoot: zeros(32),
    placementSeed: seedOf(fields.commitmentsRoot),
    ...fields,
  };
  const encoded = encodeHeader(header);
  return { header, encoded, leaves: leavesOf(encoded), root: objectRoot(encoded), ...extra };
}

// The same object with other header fields.
export const rehead = (object, fields) => ({
  ...object,
  ...finish({ ...object.header, ...fields }, {}),
});

// Constant blobs: all elements of blob i are values[i], so its commitment is values[i]·G1.
export function constantObject(values, fields = {}) {
  const k = values.length;
  const parity = fields.parityBlobs ?? k;
  const shape = makeShape(k, parity, 0);
  const data = [...values, ...Array(shape.domain - k).fill(0n)];
  const scalars = [...data, ...extend(FR, data)];
  const commitments = scalars.map((s) => (s === 0n ? G1.ZERO : G1.BASE.multiply(s)));
  const folded = fold(commitments, shape);
  return finish(
    {
      payloadBytes: 126976 * k,
      dataBlobs: k,
      parityBlobs: parity,
      commitmentsRoot: folded.commitmentsRoot,
      foldRoot: folded.foldRoot,
      ...fields,
    },
    { scalars, commitments, folded, tree: folded.layers[0].tree, shape },
  );
}

// A real checkpoint of a few files. Only its parity commitments are needed, not its parity bytes.
export async function fileObject(files, fields = {}) {
  const sorted = sortFiles(files);
  const listing = directory.makeDirectory(sorted);
  const payload = buildPayload(sorted, directory.encodeDirectory(listing));
  const blobs = dataBlobs(payload);
  const shape = makeShape(blobs.length, fields.parityBlobs ?? 16, 0);
  const data = [];
  for (const blob of blobs) data.push(await kzg.commit(blob));
  while (data.length < shape.domain) data.push(G1.ZERO);
  const folded = fold([...data, ...extend(G1_MODULE, data)], shape);
  return finish(
    {
      payloadBytes: payload.length,
      dataBlobs: blobs.length,
      parityBlobs: shape.parityBlobs,
      directoryOffset: layout(sorted.map((f) => f.contents.length)).directoryOffset,
      directoryRoot: directory.directoryRoot(listing),
      commitmentsRoot: folded.commitmentsRoot,
      foldRoot: folded.foldRoot,
      ...fields,
    },
    {
      payload,
      blobs,
      directory: listing,
      folded,
      shape,
      tree: folded.layers[0].tree,
      commitments: folded.layers[0].points,
    },
  );
}

export function safetensors(tensors) {
  const entries = {};
  let at = 0;
  for (const [name, { dtype, shape, data }] of Object.entries(tensors)) {
    entries[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  const json = ascii(JSON.stringify(entries));
  const length = new Uint8Array(new BigUint64Array([BigInt(json.length)]).buffer);
  return concat(length, json, ...Object.values(tensors).map(({ data }) => data));
}

// ---- proofs

export const pathOf = (object, position) => merkle.path(object.tree, position).map(hex);
export const blobProof = (object, blob) => ({
  commitment: hex(object.commitments[blob].toBytes(true)),
  path: pathOf(object, blob),
});

const proven = new Map();
export async function elementProof(object, blob, element) {
  const key = `${hex(object.root)}/${blob}/${element}`;
  if (!proven.has(key)) {
    const proof = await kzg.proveElement(object.blobs[blob], element);
    proven.set(key, { y: object.blobs[blob][element], proof: hex(proof.toBytes(true)) });
  }
  return proven.get(key);
}

// Proofs of payload bytes [offset, offset + length).
export async function rangeProof(object, offset, length) {
  const index = (q) => 4096 * Math.floor(q / 126976) + Math.floor((q % 126976) / 31);
  const [first, last] = [index(offset), index(offset + length - 1)];
  const elements = [];
  for (let e = first; e <= last; ++e)
    elements.push(await elementProof(object, Math.floor(e / 4096), e % 4096));
  const blobs = [];
  for (let b = Math.floor(first / 4096); b <= Math.floor(last / 4096); ++b)
    blobs.push(blobProof(object, b));
  return { blobs, elements };
}

export function tensorProof(object, index) {
  const { files, tensors } = object.directory;
  const roots = tensors.map(directory.tensorRoot);
  const path = sparsePath(roots, index, 22);
  path.push(ssz.uint(roots.length), ssz.list(files.map(directory.fileRoot), 2 ** 20));
  const t = tensors[index];
  return {
    index,
    name: hex(t.name),
    fileIndex: t.fileIndex,
    dtype: t.dtype,
    shape: t.shape,
    offset: t.offset,
    size: t.size,
    path: path.map(hex),
  };
}

// Siblings of leaf `index` in a tree of 2^depth leaves of which the first few are given.
function sparsePath(leaves, index, depth) {
  const path = [];
  let [level, zero] = [leaves, zeros(32)];
  for (let i = 0; i < depth; ++i, index >>= 1) {
    path.push(level[index ^ 1] ?? zero);
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, k) =>
      sha256(level[2 * k], level[2 * k + 1] ?? zero),
    );
    zero = sha256(zero, zero);
  }
  return path;
}
