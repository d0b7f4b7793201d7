// An EVM in this process, and contracts on it.

import { fileURLToPath } from "node:url";

import { BrowserProvider, Contract, ContractFactory, Interface, JsonRpcSigner } from "ethers";

import { compile } from "../compile.mjs";

process.env.HARDHAT_CONFIG = fileURLToPath(new URL("../hardhat.config.cjs", import.meta.url));
process.env.HARDHAT_DISABLE_TELEMETRY_PROMPT = "true";
const { default: hardhat } = await import("hardhat");

export const artifacts = compile();
const raw = hardhat.network.provider;
export const rpc = (method, ...params) => raw.request({ method, params });
export const provider = new BrowserProvider(raw, undefined, { cacheTimeout: -1 });
provider.pollingInterval = 10;
export const chainId = BigInt(await rpc("eth_chainId"));
export const signerOf = (address) => new JsonRpcSigner(provider, address);
export const signers = (await rpc("eth_accounts")).slice(0, 4).map(signerOf);

const everyError = Object.values(artifacts).flatMap(({ abi }) =>
  abi.filter(({ type }) => type === "error"),
);
const errors = new Interface(everyError);

export async function deploy(name, ...args) {
  const { abi, bytecode } = artifacts[name];
  const contract = await new ContractFactory(abi, bytecode, signers[0]).deploy(...args);
  return await contract.waitForDeployment();
}
export const at = (name, address, signer = signers[0]) =>
  new Contract(address, artifacts[name].abi, signer);

// Sends and waits; returns the receipt.
export async function send(promise) {
  const transaction = await promise;
  return await transaction.wait();
}

// The name of the error that a call or transaction ends with; undefined if it goes through.
export async function failure(promise) {
  try {
    const result = await promise;
    if (result?.wait) await result.wait();
    return undefined;
  } catch (error) {
    const data = revertData(error);
    if (data === undefined) return error.code ?? error.message;
    if (data === "0x") return "bare revert";
    const parsed = errors.parseError(data);
    if (!parsed) return data.slice(0, 10);
    return parsed.args.length ? `${parsed.name}(${[...parsed.args].join()})` : parsed.name;
  }
}

function revertData(error) {
  for (let e = error, depth = 0; e && depth < 6; e = e.error ?? e.info ?? e.cause, ++depth) {
    if (typeof e.data === "string") return e.data;
    if (typeof e.data?.data === "string") return e.data.data;
  }
  return undefined;
}

export const now = async () => (await provider.getBlock("latest")).timestamp;
export const mine = (blocks = 1) => rpc("hardhat_mine", `0x${blocks.toString(16)}`);
export async function sleep(seconds) {
  await rpc("evm_increaseTime", seconds);
  await mine();
}
export const snapshot = () => rpc("evm_snapshot");
export const restore = (id) => rpc("evm_revert", id);
export const balance = (address, amount) =>
  rpc("hardhat_setBalance", address, `0x${amount.toString(16)}`);
