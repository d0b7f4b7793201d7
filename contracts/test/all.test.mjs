// One process: the contracts are compiled once, and one EVM serves all tests.
import "./libraries.test.mjs";
import "./contracts.test.mjs";
