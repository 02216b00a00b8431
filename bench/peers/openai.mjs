// SPDX-License-Identifier: MIT
// The official openai SDK's accumulator over JSON lines of chat chunks, message after message.
import readline from 'node:readline';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';

const messages = [];
let lines = [], id;
const merge = async (chunks) => {
	const body = new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode(chunks.join('\n') + '\n')); c.close(); } });
	return ChatCompletionStream.fromReadableStream(body).finalChatCompletion();
};
for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
	if (!line) continue; // between two streams
	const now = /"id":"([^"]*)"/.exec(line)[1];
	if (id !== undefined && now !== id) { messages.push((await merge(lines)).id); lines = []; }
	id = now;
	lines.push(line);
}
if (lines.length) messages.push((await merge(lines)).id);
console.log(messages.length);
