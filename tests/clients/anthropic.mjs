// SPDX-License-Identifier: MIT
// A conversation of two turns with Anthropic's SDK: a call of a tool, and the answer to its result.
import Anthropic from '@anthropic-ai/sdk';
import { question, tool, turn } from './turn.mjs';

const client = new Anthropic();
const messages = [{ role: 'user', content: question }];
const tools = [{ name: tool.name, description: tool.description, input_schema: tool.schema }];

async function ask() {
	let message;
	await turn(async () => {
		const stream = client.messages.stream({ model: 'claude-made-up-1', max_tokens: 200, messages, tools });
		let text = '';
		stream.on('text', (delta) => (text += delta));
		message = await stream.finalMessage();
		const calls = message.content.filter((block) => block.type === 'tool_use').map(({ name, input }) => [name, input]);
		return { text, calls, end: message.stop_reason };
	});
	return message?.content;
}

const content = await ask();
const call = content?.find((block) => block.type === 'tool_use');
if (call) {
	messages.push({ role: 'assistant', content });
	messages.push({ role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: tool.run() }] });
	await ask();
}
