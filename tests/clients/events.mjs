// SPDX-License-Identifier: MIT
// events.mjs VARIABLE PATH BODY: posts a file to the PATH below the base URL of that variable, with node's
// fetch, and prints the data of the events that eventsource-parser sees; on stderr in how many reads they
// came. What breaks off is status 1.
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { readFileSync } from 'node:fs';

const [variable, path, body] = process.argv.slice(2);
let reads = 0;
const counted = new TransformStream({
	transform(piece, controller) {
		reads++;
		controller.enqueue(piece);
	},
});
const response = await fetch(process.env[variable] + path, {
	method: 'POST',
	headers: { 'Content-Type': 'application/json' },
	body: readFileSync(body),
});
const events = response.body
	.pipeThrough(counted)
	.pipeThrough(new TextDecoderStream('utf-8', { fatal: true }))
	.pipeThrough(new EventSourceParserStream({ onError: 'terminate' }));
try {
	for await (const { data } of events)
		console.log(data);
} catch (e) {
	console.error(e.message);
	process.exitCode = 1;
}
console.error(`reads: ${reads}`);
