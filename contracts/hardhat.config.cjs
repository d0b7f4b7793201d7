// The EVM of the tests, and of `npx hardhat node`: Prague has 0x0A and EIP-2537's precompiles.
// Contracts are compiled by compile.mjs; hardhat compiles nothing and downloads nothing.
module.exports = {
  networks: {
    // A chain of its own, where a test started one.
    localhost: { url: process.env.ASHLAR_RPC ?? "http://127.0.0.1:8545", timeout: 60_000 },
    hardhat: {
      // An older one where a test wants precompiles to be missing.
      hardfork: process.env.ASHLAR_HARDFORK ?? "prague",
      chainId: 31337,
      // When the chain begins, where a test brings signatures that end at a date.
      initialDate: process.env.ASHLAR_INITIAL_DATE,
      blockGasLimit: 60_000_000,
      // Sent as they come; sealed at once.
      mining: { auto: true },
    },
  },
};
