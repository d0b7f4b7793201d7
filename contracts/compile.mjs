// Compiles src/ and test/solidity/ with npm's solc, once for the same sources and settings. Run as
// a program it does only that.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const HERE = fileURLToPath(new URL(".", import.meta.url));
const CACHE = `${HERE}node_modules/.cache/ashlar`;

const SETTINGS = {
  evmVersion: "prague",
  viaIR: true,
  optimizer: { enabled: true, runs: 1000 },
  metadata: { bytecodeHash: "none", appendCBOR: false },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"] } },
};

function sources() {
  const files = ["src", "test/solidity"].flatMap((folder) =>
    readdirSync(HERE + folder, { recursive: true }).map((name) => `${folder}/${name}`),
  );
  return Object.fromEntries(
    files
      .filter((name) => name.endsWith(".sol"))
      .sort()
      .map((name) => [name, { content: readFileSync(HERE + name, "utf8") }]),
  );
}

// The contracts by name: {abi, bytecode}. Throws on any error or warning.
export function compile() {
  const input = JSON.stringify({ language: "Solidity", sources: sources(), settings: SETTINGS });
  const version = require("solc/package.json").version;
  const key = createHash("sha256").update(version).update(input).digest("hex");
  const cached = `${CACHE}/${key}.json`;
  if (existsSync(cached)) return JSON.parse(readFileSync(cached, "utf8"));

  const output = JSON.parse(require("solc").compile(input));
  if (output.errors?.length) throw new Error(output.errors.map((e) => e.formattedMessage).join(""));
  const contracts = {};
  for (const file of Object.values(output.contracts))
    for (const [name, { abi, evm }] of Object.entries(file)) {
      contracts[name] = {
        abi,
        bytecode: `0x${evm.bytecode.object}`,
        size: evm.deployedBytecode.object.length / 2,
      };
    }
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(cached, JSON.stringify(contracts));
  return contracts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) compile();
