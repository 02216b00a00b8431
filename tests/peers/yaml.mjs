// SPDX-License-Identifier: MIT
// What the npm packages yaml and js-yaml see in a cassette, as tests/peers/pyyaml.py shows it.
// Arguments: yaml or js-yaml, then files.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

// Packages are looked for from the current folder, then where NODE_PATH says.
const require = createRequire(`${process.cwd()}/`);
const [which, ...files] = process.argv.slice(2);
const parse =
	which === 'yaml'
		? (text) => require('yaml').parse(text, { customTags: ['binary'] })
		: (text) => require('js-yaml').load(text);

function body(side) {
	const value = side.body;
	if (value === null || value === undefined || typeof value !== 'object' || value instanceof Uint8Array)
		return value ?? null;
	return 'base64_string' in value ? Buffer.from(value.base64_string, 'base64') : (value.string ?? null);
}

for (const name of files) {
	const root = parse(readFileSync(name, 'utf8'));
	(root.interactions ?? root.http_interactions ?? []).forEach((interaction, place) => {
		for (const part of ['request', 'response']) {
			const value = body(interaction[part]);
			const digest = value === null ? 'null' : createHash('sha256').update(value).digest('hex');
			console.log(name, place, part, digest);
		}
	});
}
