// SPDX-License-Identifier: MIT
// The least that Node can do with chunks of chat completions: JSON.parse and +=.
import readline from 'node:readline';

let text = '', count = 0;
for await (const line of readline.createInterface({ input: process.stdin, crlfDelay: Infinity })) {
	if (!line) continue; // between two streams
	const chunk = JSON.parse(line);
	const choice = chunk.choices?.[0];
	if (choice?.delta?.content) text += choice.delta.content;
	if (choice?.finish_reason) { count++; text = ''; }
}
console.log(count);
