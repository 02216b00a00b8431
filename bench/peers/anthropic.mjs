// SPDX-License-Identifier: MIT
// The official Anthropic SDK's accumulator over JSON lines of events, message after message.
import readline from 'node:readline';
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';

let lines = [], count = 0;
const merge = async (events) => {
	const body = new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode(events.join('\n') + '\n')); c.close(); } });
	return MessageStream.fromReadableStream(body).finalMessage();
};
for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
	if (!line) continue; // between two streams
	lines.push(line);
	if (line.includes('"type":"message_stop"')) { await merge(lines); lines = []; count++; }
}
console.log(count);
