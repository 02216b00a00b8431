// SPDX-License-Identifier: MIT
// upload.mjs FILE...: has each file transcribed with OpenAI's SDK, which sends it as multipart/form-data.
import OpenAI from 'openai';
import { createReadStream } from 'node:fs';

const client = new OpenAI({ maxRetries: 0 });

for (const file of process.argv.slice(2)) {
	try {
		console.log((await client.audio.transcriptions.create({ file: createReadStream(file), model: 'm' })).text);
	} catch (e) {
		console.log(`${e.status} ${e.message}`);
	}
}
