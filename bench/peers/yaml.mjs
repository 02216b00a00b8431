// SPDX-License-Identifier: MIT
// A YAML cassette through npm's js-yaml or yaml: `yaml.mjs js-yaml|yaml`.
import { readFileSync } from 'node:fs';

const text = readFileSync(0, 'utf8');
const { load, parse } = await import(process.argv[2]).then((m) => m.default ?? m);
console.log((load ?? parse)(text).interactions.length);
