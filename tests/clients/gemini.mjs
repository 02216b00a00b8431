// SPDX-License-Identifier: MIT
// A conversation of two turns with Google's SDK: a call of a tool, and the answer to its result. It tries
// again only where it is told to.
import { GoogleGenAI } from '@google/genai';
import { question, tool, turn } from './turn.mjs';

const ai = new GoogleGenAI({ httpOptions: { retryOptions: { attempts: 3, initialDelay: 0.01, jitter: 0 } } });
const contents = [{ role: 'user', parts: [{ text: question }] }];
const tools = [
	{ functionDeclarations: [{ name: tool.name, description: tool.description, parametersJsonSchema: tool.schema }] },
];

const ask = () =>
	turn(async () => {
		const answer = { text: '', calls: [], end: null };
		const config = { tools, temperature: 0 };
		for await (const chunk of await ai.models.generateContentStream({ model: 'gemini-made-up-1', contents, config })) {
			for (const { text, functionCall } of chunk.candidates[0].content.parts) {
				answer.text += text ?? '';
				if (functionCall)
					answer.calls.push(functionCall);
			}
			answer.end = chunk.candidates[0].finishReason ?? answer.end;
		}
		return answer;
	});

const first = await ask();
if (first) {
	const [functionCall] = first.calls;
	contents.push({ role: 'model', parts: [{ text: first.text }, { functionCall }] });
	contents.push({
		role: 'user',
		parts: [{ functionResponse: { name: functionCall.name, response: { output: tool.run() } } }],
	});
	await ask();
}
