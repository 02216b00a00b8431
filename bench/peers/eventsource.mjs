// SPDX-License-Identifier: MIT
// npm's eventsource-parser: the data of each event on a line.
import { createParser } from 'eventsource-parser';

let out = [];
const parser = createParser({ onEvent: (e) => { if (e.data !== '[DONE]') out.push(e.data); } });
const decoder = new TextDecoder();
for await (const piece of process.stdin) {
	parser.feed(decoder.decode(piece, { stream: true }));
	if (out.length) process.stdout.write(out.join('\n') + '\n');
	out = [];
}
