// SPDX-License-Identifier: MIT
// openai.mjs WAY BODY...: streams the chat requests of these files with OpenAI's SDK. WAY is `create`, which
// gives chunks, `stream`, which puts them together, or `tools`, which also runs the tool that the
// first of them declares.
import OpenAI from 'openai';
import { readFileSync } from 'node:fs';
import { turn } from './turn.mjs';

const client = new OpenAI();

async function create(body) {
	const answer = { text: '', calls: [], end: null };
	for await (const { choices: [choice] } of await client.chat.completions.create(body)) {
		answer.text += choice?.delta.content ?? '';
		for (const { index, function: f } of choice?.delta.tool_calls ?? []) {
			answer.calls[index] ??= [f.name, ''];
			answer.calls[index][1] += f.arguments;
		}
		answer.end = choice?.finish_reason ?? answer.end;
	}
	return answer;
}

async function stream(body) {
	const { choices: [{ message, finish_reason }] } = await client.chat.completions.stream(body).finalChatCompletion();
	const calls = (message.tool_calls ?? []).map(({ function: f }) => [f.name, f.arguments]);
	return { text: message.content ?? '', calls, end: finish_reason };
}

async function tools(body) {
	const calls = [];
	body.tools = body.tools.map((t) => ({
		...t,
		function: { ...t.function, parse: JSON.parse, function: (args) => (calls.push(args), '40 C') },
	}));
	return { text: await client.chat.completions.runTools(body).finalContent(), calls };
}

const [way, ...files] = process.argv.slice(2);
for (const file of files)
	await turn(() => ({ create, stream, tools })[way](JSON.parse(readFileSync(file))));
