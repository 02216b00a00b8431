// SPDX-License-Identifier: MIT
// Do the providers' own libraries take these messages as part of a request?
//
//	node types.mjs <LINES
//
// A line is NAME, a tab, FORMAT, a tab, and what delta-merge -m printed; or, with FORMAT-request, what tool-run
// printed. Each becomes a literal of the type that the library of its format has for it, and TypeScript judges it:
// a member that is missing or has another type, and (but for chat completions and Ollama, of which there are many
// dialects) one that is unknown. Printed are the lines that are refused: NAME, a tab, and why. A format without a
// library here is passed over.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

// What TypeScript calls an enum is a string in JSON, and bytes are base64 there. OpenAI's servers refuse the status
// of what the model said ("Unknown parameter"), though the type wants one.
const prelude = `
import type { ChatCompletionAssistantMessageParam, ChatCompletionCreateParamsNonStreaming } from 'openai/resources/chat/completions';
import type { ResponseCreateParamsNonStreaming, ResponseInputItem, ResponseOutputMessage } from 'openai/resources/responses/responses';
import type { MessageCreateParamsNonStreaming, MessageParam } from '@anthropic-ai/sdk/resources/messages';
import type { Content, Interactions } from '@google/genai';
import type { ConverseRequest, Message as BedrockMessage } from '@aws-sdk/client-bedrock-runtime';
import type { ChatRequest as OllamaRequest, Message as OllamaMessage } from 'ollama';
type Json<T> = T extends Uint8Array ? string : T extends string ? \`\${T}\` : T extends readonly (infer E)[] ? Json<E>[]
	: T extends object ? { [K in keyof T]: Json<T[K]> } : T;
type Fixed<T> = T extends readonly (infer E)[] ? readonly Fixed<E>[] : T extends object ? { readonly [K in keyof T]: Fixed<T[K]> } : T;
type Said = Omit<ResponseOutputMessage, 'status' | 'id'> & { id?: string };
type Chat = Fixed<ChatCompletionAssistantMessageParam>;
type Responses = (ResponseInputItem | Said)[];
type Anthropic = MessageParam;
type Gemini = Json<Content>;
type Steps = Json<Interactions.Step>[];
type Bedrock = Json<BedrockMessage>;
type Ollama = Fixed<OllamaMessage>;
type ChatRequest = Fixed<ChatCompletionCreateParamsNonStreaming>;
type ResponsesRequest = Omit<ResponseCreateParamsNonStreaming, 'input'> & { input: Responses };
type AnthropicRequest = MessageCreateParamsNonStreaming;
type GeminiRequest = { contents: Gemini[] };
type StepsRequest = { model: string; input: Steps };
type BedrockRequest = Omit<Json<ConverseRequest>, 'modelId'>;
`;
const types = {
	'openai-chat': 'Chat',
	'openai-responses': 'Responses',
	anthropic: 'Anthropic',
	gemini: 'Gemini',
	'gemini-interactions': 'Steps',
	bedrock: 'Bedrock',
	ollama: 'Ollama',
	'openai-chat-request': 'ChatRequest',
	'openai-responses-request': 'ResponsesRequest',
	'anthropic-request': 'AnthropicRequest',
	'gemini-request': 'GeminiRequest',
	'gemini-interactions-request': 'StepsRequest',
	'bedrock-request': 'BedrockRequest',
	'ollama-request': 'Fixed<OllamaRequest>',
};
const dialects = /^(openai-chat|ollama)/;

const names = [];
let source = prelude;
const before = prelude.split('\n').length;
for (const line of readFileSync(0, 'utf8').split('\n')) {
	const [name, format, ...rest] = line.split('\t');
	if (!rest.length || !types[format]) continue;
	const message = rest.join('\t');
	names.push(name);
	source += dialects.test(format)
		? `{ const v = ${message} as const; const w: ${types[format]} = v; }\n`
		: `{ const v: ${types[format]} = ${message}; }\n`;
}

const file = join(dirname(fileURLToPath(import.meta.url)), 'messages.ts');
const options = {
	noEmit: true,
	strict: true,
	skipLibCheck: true,
	target: ts.ScriptTarget.ES2022,
	module: ts.ModuleKind.NodeNext,
	moduleResolution: ts.ModuleResolutionKind.NodeNext,
	types: [],
};
const host = ts.createCompilerHost(options);
const { getSourceFile, fileExists, readFile } = host;
host.getSourceFile = (path, ...more) => (path === file ? ts.createSourceFile(path, source, options.target) : getSourceFile.call(host, path, ...more));
host.fileExists = (path) => path === file || fileExists.call(host, path);
host.readFile = (path) => (path === file ? source : readFile.call(host, path));
const program = ts.createProgram([file], options, host);
for (const problem of ts.getPreEmitDiagnostics(program)) {
	const text = ts.flattenDiagnosticMessageText(problem.messageText, ' ').replace(/\s+/g, ' ');
	const line = problem.file ? problem.file.getLineAndCharacterOfPosition(problem.start).line + 1 - before : -1;
	console.log(`${problem.file?.fileName === file && names[line] ? names[line] : 'types.mjs'}\t${text.slice(0, 300)}`);
}
