// The libraries against the reference and against official vectors.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { bls12_381 } from "../../tests/reference/node_modules/@noble/curves/bls12-381.js";
import * as bls from "../../tests/reference/bls.mjs";
import { fromHex, pattern, sha256, toHex } from "../../tests/reference/bytes.mjs";
import { combine, parseG1, parseG2 } from "../../tests/reference/curve.mjs";
import { R } from "../../tests/reference/field.mjs";
import { weights } from "../../tests/reference/fold.mjs";
import * as merkle from "../../tests/reference/merkle.mjs";
import { baseShard, offsetOf } from "../../tests/reference/placement.mjs";
import { deploy, failure } from "./chain.mjs";
import { G1, G2, g1, g2 } from "./points.mjs";

const VECTORS =
  process.env.ASHLAR_VECTORS ?? new URL("../../../shared/vectors", import.meta.url).pathname;
const read = (path) => JSON.parse(readFileSync(`${VECTORS}/${path}`, "utf8"));
const list = (folder) => readdirSync(`${VECTORS}/${folder}`).filter((n) => n.endsWith(".json"));
const hex = (bytes) => `0x${toHex(bytes)}`;
const bytesOf = (text) => fromHex(text.replace(/^0x/, ""));
const plain = (result) => [...result].flat(2).map(BigInt);
const wordsOf = (point) => Object.values(point).flat().map(BigInt);

const probe = await deploy("Probe");

test("sha-512 equals node's at every length around a block", async () => {
  for (const size of [0, 1, 55, 62, 109, 110, 111, 112, 127, 128, 129, 239, 240, 300]) {
    const message = pattern(size, size);
    const [high, low] = await probe.sha512Of(hex(message));
    const digest = createHash("sha512").update(message).digest("hex");
    assert.equal(high.toString(16).padStart(64, "0") + low.toString(16).padStart(64, "0"), digest);
  }
});

test("compression equals the reference's, in both groups and for both halves", async () => {
  for (const k of [1n, 2n, 3n, 5n, 77n, R - 1n, R - 2n]) {
    const [p, q] = [G1.BASE.multiply(k), G2.BASE.multiply(k)];
    assert.equal(await probe.compressG1(g1(p)), hex(p.toBytes(true)));
    assert.equal(await probe.compressG2(g2(q)), hex(q.toBytes(true)));
    assert.deepEqual(plain(await probe.negateG1(g1(p))), wordsOf(g1(p.negate())));
  }
  assert.equal(await probe.compressG1(g1(G1.ZERO)), hex(G1.ZERO.toBytes(true)));
});

test("additions are complete, and combinations equal the reference's", async () => {
  const [a, b] = [G1.BASE, G1.BASE.multiply(9n)];
  for (const [x, y] of [
    [a, b],
    [a, a],
    [a, a.negate()],
    [a, G1.ZERO],
    [G1.ZERO, G1.ZERO],
  ])
    assert.deepEqual(plain(await probe.addG1(g1(x), g1(y))), wordsOf(g1(x.add(y))));
  const points = [a, b, G1.ZERO, b.negate(), a];
  const scalars = [R - 1n, 5n, 7n, 0n, 3n];
  assert.deepEqual(
    plain(await probe.msmG1(points.map(g1), scalars)),
    wordsOf(g1(combine(points, scalars))),
  );
});

test("a call where there is no precompile reverts", async () => {
  assert.equal(await failure(probe.callNothing()), "PrecompileMissing(4660)");
});

test("fold weights equal the reference's", async () => {
  for (const [bits, fiber, alpha] of [
    [7, 3, 5n],
    [10, 127, R - 1n],
    [24, 12345, 0n],
    [6, 0, 1n],
  ])
    assert.deepEqual(
      [...(await probe.weights(bits, fiber, alpha))],
      weights(2 ** bits, fiber, alpha),
    );
});

test("range paths lead to the root, and no other number of siblings does", async () => {
  const leaves = Array.from({ length: 16 }, (_, i) => sha256(Uint8Array.of(i)));
  const tree = merkle.levels(leaves);
  for (const [first, end] of [
    [0, 16],
    [0, 1],
    [15, 16],
    [3, 4],
    [3, 12],
    [7, 9],
    [8, 16],
    [1, 15],
  ]) {
    const siblings = rangeSiblings(tree, first, end).map(hex);
    const range = leaves.slice(first, end).map(hex);
    assert.equal(await probe.followRange(range, first, siblings, 4), hex(tree[4][0]));
    const long = [...siblings, hex(leaves[0])];
    assert.match(await failure(probe.followRange(range, first, long, 4)), /PathLength/);
    if (siblings.length > 0)
      assert.match(
        await failure(probe.followRange(range, first, siblings.slice(1), 4)),
        /PathLength/,
      );
  }
  assert.match(await failure(probe.followRange([], 0, [], 4)), /IndexBeyondTree/);
  assert.match(await failure(probe.followRange([hex(leaves[0])], 16, [], 4)), /IndexBeyondTree/);
});

export function rangeSiblings(tree, first, end) {
  const out = [];
  for (let level = 0; level + 1 < tree.length; ++level) {
    if (first % 2 === 1) out.push(tree[level][first - 1]);
    if (end % 2 === 1) out.push(tree[level][end]);
    [first, end] = [Math.floor(first / 2), Math.ceil(end / 2)];
  }
  return out;
}

const headerWith = (fields) => ({
  objectRoot: `0x${"00".repeat(32)}`,
  payloadBytes: 0,
  directoryOffset: 0,
  dataBlobs: 3,
  parityBlobs: 16,
  groupParities: 2,
  copies: 1,
  domainBits: 4,
  commitmentsRoot: `0x${"00".repeat(32)}`,
  foldRoot: `0x${"00".repeat(32)}`,
  directoryRoot: `0x${"00".repeat(32)}`,
  placementSeed: hex(pattern(7, 32)),
  parentRoot: `0x${"00".repeat(32)}`,
  ...fields,
});

test("shards and positions equal the reference's", async () => {
  const offset = offsetOf(pattern(7, 32));
  for (const [bits, k, length] of [
    [4, 3, 1],
    [15, 20000, 1],
    [16, 40000, 64],
    [24, 10 ** 7, 64],
  ]) {
    const header = headerWith({ domainBits: bits, dataBlobs: k, parityBlobs: k });
    for (const t of [0, 1, 7, 8, 63, 64, k - 1, k, 2 * k - 1].filter((n) => n < 2 * k)) {
      const run = Math.floor(t / length);
      const [shard, position] = await probe.placementOf(header, t);
      assert.equal(Number(shard), (baseShard(offset, 2, Math.floor(run / 8)) + (run % 8)) % 4096);
      assert.equal(Number(position), t < k ? t : 2 ** bits + t - k);
    }
  }
});

test("no shard ever holds more blobs than the bound says", async () => {
  const STRIPES = 2 ** 19;
  for (let groupParities = 0; groupParities <= 4; ++groupParities) {
    const hits = new Uint16Array(4096);
    const excess = [5, 7, 5, 135, 8][groupParities];
    for (let stripe = 0; stripe < STRIPES; ++stripe) {
      const base = (8 + groupParities) * stripe + Math.floor((stripe * 40503) / 65536);
      for (let i = 0; i < 8; ++i)
        if (++hits[(base + i) % 4096] > Math.floor((stripe + 1) / 512) + excess)
          assert.fail(`${groupParities} parities, stripe ${stripe}`);
    }
    const header = headerWith({
      groupParities,
      domainBits: 27,
      dataBlobs: 2 ** 27,
      parityBlobs: 2 ** 27,
    });
    assert.equal((await probe.placementOf(header, 0))[2], 64n * BigInt(STRIPES / 512 + excess));
  }
  // In one lap a shard is hit once.
  const small = headerWith({ domainBits: 10, dataBlobs: 1000, parityBlobs: 1000 });
  assert.equal((await probe.placementOf(small, 0))[2], 1n);
});

// ---- official vectors: every case is looked at

test("vectors: point evaluation", async () => {
  const cases = read("point-evaluation/point_evaluation.json");
  let inContract = 0;
  for (const { name, input, success, output } of cases) {
    const bytes = bytesOf(input);
    const result = await callPrecompile(input);
    assert.equal(result !== undefined, success, name);
    if (success) assert.equal(result, output, name);
    // The contract makes the versioned hash itself; 192 bytes are all it ever sends.
    const hash = sha256(bytes.subarray(96, 144));
    if (
      bytes.length !== 192 ||
      bytes[0] !== 1 ||
      toHex(hash.subarray(1)) !== toHex(bytes.subarray(1, 32))
    )
      continue;
    ++inContract;
    const failed = await failure(
      probe.pointEvaluation(
        hex(bytes.subarray(96, 144)),
        hex(bytes.subarray(32, 64)),
        hex(bytes.subarray(64, 96)),
        hex(bytes.subarray(144)),
      ),
    );
    assert.equal(failed, success ? undefined : "OpeningFalse", name);
  }
  assert.ok(cases.length >= 134 && inContract >= 100, `${cases.length}, ${inContract}`);
});

async function callPrecompile(data) {
  const { rpc } = await import("./chain.mjs");
  try {
    return await rpc("eth_call", { to: `0x${"0a".padStart(40, "0")}`, data }, "latest");
  } catch {
    return undefined;
  }
}

test("vectors: hash to G2", async () => {
  let count = 0;
  for (const name of list("bls/hash_to_G2")) {
    const { input, output } = read(`bls/hash_to_G2/${name}`);
    // These cases are over RFC 9380's own test tag.
    const tag = Buffer.from("QUUX-V01-CS02-with-BLS12381G2_XMD:SHA-256_SSWU_RO_");
    const message = Buffer.from(input.msg, "utf8");
    const [x, y] = [output.x, output.y].map((c) => c.split(",").map(BigInt));
    const expected = G2.fromAffine({ x: { c0: x[0], c1: x[1] }, y: { c0: y[0], c1: y[1] } });
    assert.deepEqual(plain([(await probe.hashToG2(message, tag)).words]), wordsOf(g2(expected)));
    ++count;
  }
  assert.ok(count >= 4, `${count}`);
});

// Coordinates of bytes that may hold no valid point; undefined where they have none at all.
function coordinates(group, text) {
  try {
    const bytes = bytesOf(text);
    const point = group.fromHex(bytes);
    return toHex(point.toBytes(true)) === toHex(bytes) ? point : undefined;
  } catch {
    return undefined;
  }
}
const holds = async (key, message, signature) =>
  (await failure(probe.verify(g1(key), message, g2(signature)))) === undefined &&
  probe.verify(g1(key), message, g2(signature));

test("vectors: verify", async () => {
  let count = 0;
  for (const name of list("bls/verify")) {
    const { input, output } = read(`bls/verify/${name}`);
    const [key, signature] = [coordinates(G1, input.pubkey), coordinates(G2, input.signature)];
    const held = key && signature ? await holds(key, input.message, signature) : false;
    assert.equal(held, output === true, name);
    ++count;
  }
  assert.equal(count, list("bls/verify").length);
});

test("vectors: fast aggregate verify", async () => {
  let count = 0;
  for (const name of list("bls/fast_aggregate_verify")) {
    const { input, output } = read(`bls/fast_aggregate_verify/${name}`);
    const keys = input.pubkeys.map((k) => coordinates(G1, k));
    const signature = coordinates(G2, input.signature);
    // The registry admits no infinite key, and no certificate without signers.
    const usable = signature && keys.length > 0 && keys.every((k) => k && !k.is0());
    const sum = usable && keys.reduce((a, b) => a.add(b));
    assert.equal(usable ? await holds(sum, input.message, signature) : false, output, name);
    ++count;
  }
  assert.equal(count, list("bls/fast_aggregate_verify").length);
});

test("vectors: sign", async () => {
  let count = 0;
  for (const name of list("bls/sign")) {
    const { input, output } = read(`bls/sign/${name}`);
    const secret = BigInt(input.privkey);
    ++count;
    if (output === null) {
      assert.equal(secret, 0n, name);
      continue;
    }
    assert.ok(await holds(bls.publicKey(secret), input.message, parseG2(bytesOf(output))), name);
  }
  assert.equal(count, list("bls/sign").length);
});

test("vectors: aggregate", async () => {
  let count = 0;
  for (const name of list("bls/aggregate")) {
    const { input, output } = read(`bls/aggregate/${name}`);
    ++count;
    if (output === null) continue; // nothing to add: a certificate without signers is refused
    const sum = input.map((s) => coordinates(G2, s)).reduce((a, b) => a.add(b));
    const compressed = sum.is0() ? hex(sum.toBytes(true)) : await probe.compressG2(g2(sum));
    assert.equal(compressed, output, name);
  }
  assert.equal(count, list("bls/aggregate").length);
});

for (const [group, name, parse] of [
  [G1, "G1", parseG1],
  [G2, "G2", parseG2],
])
  test(`vectors: deserialization of ${name}`, async () => {
    let count = 0;
    for (const file of list(`bls/deserialization_${name}`)) {
      const { input, output } = read(`bls/deserialization_${name}/${file}`);
      const text = input.pubkey ?? input.signature;
      // Contracts take coordinates: bytes that have some must be refused by the precompiles.
      const point = coordinates(group, text);
      let accepted = false;
      if (point?.is0()) accepted = true;
      else if (point) {
        const probed =
          name === "G1"
            ? failure(probe.msmG1([g1(point)], [1n]))
            : failure(probe.verify(g1(G1.BASE), "0x", g2(point)));
        accepted = (await probed) === undefined;
      }
      assert.equal(accepted, output, file);
      ++count;
    }
    assert.equal(count, list(`bls/deserialization_${name}`).length);
    void parse;
  });

for (const suite of ["aggregate_verify", "batch_verify"])
  test(`vectors: ${suite}, message by message`, async () => {
    let count = 0;
    for (const name of list(`bls/${suite}`)) {
      const { input, output } = read(`bls/${suite}/${name}`);
      ++count;
      if (suite === "batch_verify") {
        const each = await Promise.all(
          input.pubkeys.map((key, i) =>
            holds(coordinates(G1, key), input.messages[i], coordinates(G2, input.signatures[i])),
          ),
        );
        assert.equal(each.every(Boolean), output, name);
      } else if (input.pubkeys.length === 0) {
        assert.equal(output, false, name);
      } else {
        // No contract takes one signature over several messages; the pairing is the reference's.
        const signature = coordinates(G2, input.signature);
        const verified =
          signature !== undefined &&
          !signature.is0() &&
          bls12_381.longSignatures.verify !== undefined &&
          aggregateHolds(input, signature);
        assert.equal(verified, output, name);
      }
    }
    assert.equal(count, list(`bls/${suite}`).length);
  });

function aggregateHolds({ pubkeys, messages }, signature) {
  const pairs = pubkeys.map((key, i) => ({
    g1: parseG1(bytesOf(key)),
    g2: bls.hashToG2(bytesOf(messages[i]), bls.SIGNATURE_TAG),
  }));
  const { Fp12 } = bls12_381.fields;
  pairs.push({ g1: G1.BASE.negate(), g2: signature });
  return Fp12.eql(bls12_381.pairingBatch(pairs), Fp12.ONE);
}
