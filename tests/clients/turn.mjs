// SPDX-License-Identifier: MIT
// What the clients beside this file share: how a turn is told, and the tool.

// What ask() came to, as one line. It is asked a second time when the connection broke, as a program would
// once its SDK has given up.
export async function turn(ask) {
	for (let again = true; ; again = false) {
		try {
			const answer = await ask();
			console.log(JSON.stringify(answer));
			return answer;
		} catch (e) {
			console.log(JSON.stringify({ error: e.constructor.name, status: e.status, message: e.message }));
			if (e.status || !again)
				return null;
		}
	}
}

export const question = 'When is high tide in Tönning?';
export const tool = {
	name: 'tide',
	description: 'Hours until high tide',
	schema: { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] },
	run: () => '3 h 20',
};
