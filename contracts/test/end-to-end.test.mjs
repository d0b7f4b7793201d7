// Our programs against a chain of their own: publish on a devnet whose committee is the chain's,
// anchor, prove, read the registry with proof, watch, and see the nodes die. ASHLAR_BIN is the
// folder of `ashlar` and `sampling-client`.

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const BIN = process.env.ASHLAR_BIN;
const HERE = fileURLToPath(new URL("..", import.meta.url));
const NODES = 8;
const folder = mkdtempSync(`${tmpdir()}/ashlar-end-to-end-`);
const devnet = `${folder}/devnet`;
const committeeFile = `${devnet}/committee.json`;
const children = [];

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
async function until(what, seconds, condition) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const value = await condition();
    if (value) return value;
    assert.ok(Date.now() < end, `${what}: not within ${seconds} s`);
    await pause(100);
  }
}

// Runs `ashlar`; its standard output, or the error with what it said.
const environment = { ...process.env, XDG_STATE_HOME: `${folder}/state` };
async function ashlar(...args) {
  const run = promisify(execFile)(`${BIN}/ashlar`, args, { env: environment, maxBuffer: 2 ** 26 });
  return (await run).stdout.trim();
}
const jsonOf = (text) => JSON.parse(text.slice(text.lastIndexOf("\n") + 1));

function start(program, args, options) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  child.ended = new Promise((done) => child.once("exit", done));
  child.said = "";
  child.stdout.on("data", (data) => (child.said += data));
  children.push(child);
  return child;
}
async function stop(child, signal = "SIGTERM") {
  child.kill(signal);
  return child.ended;
}

after(async () => {
  for (const child of children) await stop(child, "SIGKILL");
  await ashlar("devnet", "down", "--wipe", "--dir", devnet).catch(() => {});
  rmSync(folder, { recursive: true, force: true });
});

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

// ---- a chain

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const chain = start(
  process.execPath,
  [`${HERE}node_modules/hardhat/internal/cli/bootstrap.js`, "node", "--port", `${port}`],
  { cwd: HERE, env: { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: "true" } },
);
await until("hardhat node", 60, () => chain.said.includes("Started HTTP"));
process.env.ASHLAR_RPC = url;
process.env.HARDHAT_NETWORK = "localhost";
const { mine, provider, rpc, signers } = await import("./chain.mjs");
const w = await import("./world.mjs");
const { id: keccakOf } = await import("ethers");

const publisher = (await signers[0].getAddress()).toLowerCase();
const contracts = await w.deployAll();
const registry = (await contracts.models.getAddress()).toLowerCase();

// ---- nodes that the chain knows

await ashlar("devnet", "up", "--nodes", `${NODES}`, "--dir", devnet);
await ashlar("devnet", "down", "--dir", devnet);
const owners = await w.accounts(NODES);
const members = [];
for (const [i, owner] of owners.entries()) {
  const key = readFileSync(`${devnet}/node-${i}/data/bls.key`, "utf8").trim();
  members.push(await w.register(contracts.committee, owner, BigInt(`0x${key}`)));
}
const { shards } = await w.openEpoch(contracts.committee, members);
const file = JSON.parse(readFileSync(committeeFile, "utf8"));
members.forEach((member, i) => {
  assert.equal(file.members[i].pubkey, w.hex(member.pubkey));
  file.members[i] = {
    pubkey: w.hex(member.pubkey),
    pop: w.hex(member.pop),
    operator: w.hex(member.operator),
    weight: Number(member.weight),
  };
});
const bound = {
  ...file,
  chain_id: Number(BigInt(await rpc("eth_chainId"))),
  registry: (await contracts.committee.getAddress()).toLowerCase(),
  committee_root: await contracts.committee.rootOf(1),
  shards,
};
writeFileSync(committeeFile, JSON.stringify(bound));
await ashlar("devnet", "up", "--dir", devnet);

// ---- a model

const { ascii, concat, pattern } = await import("../../tests/reference/bytes.mjs");
const model = `${folder}/model`;
mkdirSync(model);
const ROWS = [64, 512];
const rows = pattern(3, 2 * ROWS[0] * ROWS[1]);
// As many tensors as the largest models have, each of a few bytes: their directory is 12 MB.
const TENSORS = 140_000;
const small = pattern(5, 8 * TENSORS);
const entries = { rows: { dtype: "BF16", shape: ROWS, data_offsets: [0, rows.length] } };
for (let i = 0; i < TENSORS; ++i) {
  const from = rows.length + 8 * i;
  const entry = { dtype: "BF16", shape: [4], data_offsets: [from, from + 8] };
  entries[`model.layers.${i}.mlp.experts.weight`] = entry;
}
const heading = ascii(JSON.stringify(entries));
const headingLength = new Uint8Array(new BigUint64Array([BigInt(heading.length)]).buffer);
writeFileSync(`${model}/model.safetensors`, concat(headingLength, heading, rows, small));
writeFileSync(`${model}/config.json`, "{}");
const withCommittee = ["--committee", committeeFile];
const published = jsonOf(
  await ashlar("publish", model, "--key", `${folder}/key`, "--copies", "3", "--keep-days", "7",
    "--json", ...withCommittee),
);
const { root } = published;
const named = ["--model", "demo", "--rpc", url, "--registry", registry, "--publisher", publisher];

// What the webhook was sent.
const posted = [];
const webhook = createHttpServer((request, response) => {
  let body = "";
  request.on("data", (data) => (body += data));
  request.on("end", () => {
    posted.push(JSON.parse(body));
    response.end();
  });
});
await new Promise((done) => webhook.listen(0, "127.0.0.1", done));
webhook.unref();

const watching = () =>
  start(`${BIN}/sampling-client`, [
    ..."watch --confirmations 2 --poll 1 --every 2 --error 1e-3 --status-port 0".split(" "),
    "--rpc", url, "--registry", registry, ...withCommittee, "--state", `${folder}/watch.json`,
    "--hook", `echo $ASHLAR_VERDICT $ASHLAR_OBJECT_ROOT >> ${folder}/alarms`,
    "--webhook", `http://127.0.0.1:${webhook.address().port}/alarm`,
  ], { env: environment });
const pageOf = async (watch, page) => {
  const address = await until("watch", 30, () => watch.said.match(/http:\S+(?=\/status)/)?.[0]);
  return (await fetch(`${address}/${page}`)).text();
};
const watchedModels = async (watch) => JSON.parse(await pageOf(watch, "status")).models ?? [];

const prove = (...args) => ashlar("prove", root, ...args, "--calldata", ...withCommittee);
async function verified(name, calldata) {
  const { weights } = contracts;
  const result = await provider.call({ to: await weights.getAddress(), data: calldata });
  return weights.interface.decodeFunctionResult(name, result)[0];
}

test("anchor is sent, and refused before it is sent where the chain is another", async () => {
  assert.equal(published.signer_count, NODES);
  const said = await ashlar("anchor", root, "--model", "demo", "--epoch", "1", "--uri",
    "ashlar://demo", "--rpc", url, "--contract", registry, "--from", publisher, ...withCommittee);
  assert.match(said, /^transaction 0x[0-9a-f]{64} in block \d+, \d+ gas$/);
  const [hash, uri] = await contracts.models.modelOf(publisher, keccakOf("demo"));
  assert.deepEqual([hash, uri], [root, "ashlar://demo"]);
});

test("a bf16 that straddles two elements, a row and a cell are verified on chain", async () => {
  const listed = (await ashlar("ls", root, "--tensors", "--json", ...withCommittee)).split("\n");
  const tensor = listed.map((line) => JSON.parse(line)).find(({ name }) => name === "rows");
  let index = 0;
  while (((tensor.offset + 2 * index) % 126976) % 31 !== 30) ++index;
  const place = `${Math.floor(index / ROWS[1])},${index % ROWS[1]}`;
  const bytes = (from, size) => w.hex(rows.subarray(from, from + size));
  const weight = await prove("--tensor", "rows", "--index", place);
  const { elements } = contracts.weights.interface.decodeFunctionData("verifyTensor", weight);
  assert.equal(elements.length, 2);
  assert.equal(await verified("verifyTensor", weight), bytes(2 * index, 2));
  const row = await prove("--tensor", "rows", "--index", "7");
  assert.equal(await verified("verifyTensor", row), bytes(7 * 2 * ROWS[1], 2 * ROWS[1]));
  assert.equal(await verified("verifyCell", await prove("--blob", "3", "--cell", "5")), true);
});

test("one weight of 140,000 tensors is found without reading the directory", async (t) => {
  const which = 77_777;
  const name = `model.layers.${which}.mlp.experts.weight`;
  const light = ["--tensor", name, "--index", "2", "--light", "--json"];
  const proof = jsonOf(await ashlar("prove", root, ...light, ...withCommittee));
  const expected = w.hex(small.subarray(8 * which + 4, 8 * which + 6));
  assert.equal(await verified("verifyBytes", proof.calldata), expected);
  t.diagnostic(`${proof.socket_bytes} bytes moved`);
  // A blob, and some cells; the directory is 12 MB.
  assert.ok(proof.socket_bytes <= 200_000, `${proof.socket_bytes} bytes moved`);
});

test("sample, fetch and verify take the model's name, proven against a block", async () => {
  const block = ["--block", (await provider.getBlock("latest")).hash];
  const sampled = await ashlar("sample", ...named, ...withCommittee);
  assert.match(sampled, /trusting this RPC/);
  assert.match(sampled, /AVAILABLE/);
  const proven = await ashlar("sample", ...named, ...block, "--json", ...withCommittee);
  const first = JSON.parse(proven.split("\n")[0]);
  assert.deepEqual([first.object_root, first.trusting_this_rpc], [root, false]);
  const fetched = `${folder}/fetched`;
  await ashlar("fetch", fetched, ...named, ...block, ...withCommittee);
  assert.deepEqual(readdirSync(fetched).sort(), ["config.json", "model.safetensors"]);
  assert.match(await ashlar("verify", fetched, ...named, ...block, ...withCommittee), /matches/);
  const nobody = ["--model", "none", ...named.slice(2), ...block];
  await assert.rejects(ashlar("sample", ...nobody, ...withCommittee), /has no model/);
  const elsewhere = ["--block", `0x${"11".repeat(32)}`];
  await assert.rejects(ashlar("sample", ...named, ...elsewhere, ...withCommittee), /no such block/);
});

test("watch sees the anchor, is killed, goes on, and reports that the nodes are gone", async () => {
  const killed = watching();
  assert.deepEqual(await watchedModels(killed), []);
  await mine(2);
  const verdictOf = async (watch) => (await watchedModels(watch))[0]?.verdict;
  await until("AVAILABLE", 40, async () => (await verdictOf(killed)) === "AVAILABLE");
  assert.equal((await watchedModels(killed))[0].object_root, root);
  await stop(killed, "SIGKILL");

  const watch = watching();
  await until("the result kept", 10, async () => (await verdictOf(watch)) === "AVAILABLE");
  await ashlar("devnet", "kill", ..."0123456".split(""), "--dir", devnet);
  await until("UNAVAILABLE", 60, async () => (await verdictOf(watch)) === "UNAVAILABLE");
  assert.match(await pageOf(watch, "metrics"), /ashlar_watch_refused\{[^}]*\} 1/);
  assert.match(readFileSync(`${folder}/alarms`, "utf8"), new RegExp(`UNAVAILABLE ${root}`));
  await until("the webhook", 10, () => posted.length > 0);
  assert.deepEqual([posted[0].verdict, posted[0].object_root], ["UNAVAILABLE", root]);
  assert.equal(await stop(watch), 0);
});
