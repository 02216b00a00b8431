// SPDX-License-Identifier: MIT
// npm's eventsource-parser: the data of each event on a line; `eventsource.mjs text`: the text in it.
import { createParser } from 'eventsource-parser';

const text = process.argv[2] === 'text';
let out = [];
const parser = createParser({ onEvent: (e) => {
	if (e.data !== '[DONE]') out.push(text ? JSON.parse(e.data).choices[0]?.delta.content ?? '' : e.data + '\n');
} });
const decoder = new TextDecoder();
for await (const piece of process.stdin) {
	parser.feed(decoder.decode(piece, { stream: true }));
	if (out.length) process.stdout.write(out.join(''));
	out = [];
}
