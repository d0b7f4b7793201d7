// One process: the contracts are compiled once, and one EVM serves all tests. Gas comes last, since
// it also looks at what the others noted.
import "./libraries.test.mjs";
import "./committee.test.mjs";
import "./models.test.mjs";
import "./storage.test.mjs";
import "./weights.test.mjs";
import "./invalid-object.test.mjs";
import "./equivalence.test.mjs";
import "./custody.test.mjs";
import "./gas.test.mjs";
