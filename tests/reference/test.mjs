// node --test test.mjs; ASHLAR_FIXTURES names the folder that make-fixtures wrote.

import "./check-examples.mjs";
import "./check-fixtures.mjs";
