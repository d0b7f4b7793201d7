// committee: first table, committee root, node records, committee file.

import { ascii, compare, concat, equal, fromHex, littleEndian, sha256, toHex, u32be, u64be }
  from "./bytes.mjs";
import * as bls from "./bls.mjs";
import { parseG1, parseG2 } from "./curve.mjs";
import { parseJson } from "./json.mjs";
import { SHARDS } from "./placement.mjs";
import * as ssz from "./ssz.mjs";

const RECENT = 10;

// members: {operator, weight}; weights are BigInt.
export function firstTable(members) {
  const operators = members.map(({ operator }) => toHex(operator));
  const total = members.reduce((sum, { weight }) => sum + weight, 0n);
  const held = members.map(() => 0n);
  const shards = [];
  for (let s = 0; s < SHARDS; ++s) {
    const recent = new Set(shards.slice(-RECENT).map((member) => operators[member]));
    const apart = [...members.keys()].filter((i) => !recent.has(operators[i]));
    const candidates = apart.length > 0 ? apart : [...members.keys()];
    const claim = (i) => members[i].weight * BigInt(s + 1) - total * held[i];
    const best = candidates.reduce((a, b) => (claim(b) > claim(a) ? b : a));
    shards.push(best);
    held[best] += 1n;
  }
  return shards;
}

export const encodeShards = (shards) => concat(...shards.map((member) => littleEndian(member, 2)));

export const memberRoot = ({ pubkey, pop, operator, weight }) => ssz.container(
  ssz.fixedBytes(pubkey), ssz.fixedBytes(pop), ssz.fixedBytes(operator), ssz.uint(weight));
export const membersRoot = (members) => ssz.list(members.map(memberRoot), 4096);
export const shardsRoot = (shards) => ssz.merkleize(ssz.chunks(encodeShards(shards)));
export const committeeRoot = ({ members, shards }) =>
  ssz.container(membersRoot(members), shardsRoot(shards));

export const recordDigest = (pubkey, { sequence, endpoint, certificate }) => sha256(
  ascii("ashlar/node-record/v1"), pubkey, u64be(sequence), u32be(endpoint.length), endpoint,
  u32be(certificate.length), certificate);

export const serverName = (pubkey) => `${toHex(pubkey).slice(0, 16)}.node.ashlar`;

const require = (condition, what) => {
  if (!condition) throw new Error(what);
};
const keysAre = (object, keys) =>
  compare(ascii(Object.keys(object).sort().join()), ascii([...keys].sort().join())) === 0;
const bytesOf = (text, size) => {
  require(/^0x/.test(text) && text.length === 2 + 2 * size, `0x and ${size} bytes`);
  return fromHex(text.slice(2).toLowerCase());
};
const below = (value, limit) => {
  require(typeof value === "bigint" && value < limit, "integer out of range");
  return value;
};

function checkMembers(members) {
  require(members.length >= 1 && members.length <= 4096, "number of members");
  require(new Set(members.map(({ pubkey }) => toHex(pubkey))).size === members.length,
    "two members with one key");
  for (const { pubkey, pop, weight } of members) {
    require(weight >= 1n, "weight");
    require(bls.verify(parseG1(pubkey), pubkey, bls.POSSESSION_TAG, parseG2(pop)), "possession");
  }
  require(members.reduce((sum, { weight }) => sum + weight, 0n) < 2n ** 63n, "total weight");
}

function readRecord(json, members) {
  require(keysAre(json, ["member", "sequence", "endpoint", "certificate", "signature"]), "keys");
  const record = {
    member: Number(below(json.member, BigInt(members.length))),
    sequence: below(json.sequence, 2n ** 64n),
    endpoint: ascii(json.endpoint),
    certificate: ascii(json.certificate),
    signature: bytesOf(json.signature, 96),
  };
  require(record.endpoint.length <= 255 && record.certificate.length <= 8192, "record length");
  const { pubkey } = members[record.member];
  require(bls.verify(parseG1(pubkey), recordDigest(pubkey, record), bls.SIGNATURE_TAG,
    parseG2(record.signature)), "record signature");
  return record;
}

// "Checks" of the page, over the file's text.
export function readCommitteeFile(text) {
  const json = parseJson(text);
  require(keysAre(json, ["format", "chain_id", "registry", "committee_root", "members", "shards",
    "records"]), "keys");
  require(json.format === "ashlar/committee/v1", "format");
  const members = json.members.map((member) => {
    require(keysAre(member, ["pubkey", "pop", "operator", "weight"]), "keys");
    return {
      pubkey: bytesOf(member.pubkey, 48), pop: bytesOf(member.pop, 96),
      operator: bytesOf(member.operator, 32), weight: below(member.weight, 2n ** 64n),
    };
  });
  checkMembers(members);
  require(json.shards.length === SHARDS, "number of shards");
  const shards = json.shards.map((member) => Number(below(member, BigInt(members.length))));
  const root = committeeRoot({ members, shards });
  require(equal(root, bytesOf(json.committee_root, 32)), "committee_root");
  const records = json.records.map((record) => readRecord(record, members));
  require(new Set(records.map(({ member }) => member)).size === records.length, "two records");
  return {
    chainId: below(json.chain_id, 2n ** 64n), registry: bytesOf(json.registry, 20), root,
    members, shards, records,
  };
}
