// SPDX-License-Identifier: MIT
// A conversation of two turns over the Responses API, with OpenAI's SDK: events in the first turn, the
// helper that puts them together in the second.
import OpenAI from 'openai';
import { question, tool, turn } from './turn.mjs';

const client = new OpenAI();
const body = {
	model: 'gpt-made-up-1',
	input: [{ role: 'user', content: question }],
	tools: [
		{
			type: 'function',
			name: tool.name,
			description: tool.description,
			parameters: { ...tool.schema, additionalProperties: false },
			strict: true,
		},
	],
	store: false,
};
let call;

await turn(async () => {
	let args = '';
	for await (const event of await client.responses.create({ ...body, stream: true })) {
		if (event.type === 'response.function_call_arguments.delta')
			args += event.delta;
		if (event.type === 'response.output_item.done')
			call = event.item;
	}
	return { args, call: [call.name, call.arguments] };
});
if (call) {
	const { type, call_id, name, arguments: args } = call;
	body.input.push({ type, call_id, name, arguments: args }, { type: 'function_call_output', call_id, output: tool.run() });
	await turn(async () => {
		const response = await client.responses.stream(body).finalResponse();
		return { text: response.output_text, end: response.status };
	});
}
