/**
 * The prompts greedy answers are compared on, as token ids: tickets in the demo model's chat template, and stretches of
 * ticket text of 20 to 200 tokens for the bench model. Always the same. Must never depend on a side's own rendering.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { err, ok, type Result } from "../../native/base/base.ts";
import type { GreedyServer } from "./greedy-server.ts";
import { createRandom, ticketText } from "./tickets.ts";

/** Makes prompts with the help of the server that has the model. */
export type MakePrompts = (
	server: GreedyServer,
	count: number,
) => Promise<Result<readonly (readonly number[])[], string>>;

const examplesFolder = fileURLToPath(new URL("../../assets/examples", import.meta.url));
const ticketLine = z.object({
	body: z.object({ messages: z.array(z.object({ role: z.string(), content: z.string() })) }),
});
/** Of the examples every one that asks for a label; of the ones that ask for JSON there are fewer. */
const jsonShare = 1 / 5;

const leastTokens = 20;
const mostTokens = 200;
const seed = 22_007;
/** Tickets no other bench uses, so that nothing here can be in a cache. */
const firstTicket = 9_000_000;

/** Tickets of both example files, spread over them, through the model's own template. */
export const demoPrompts: MakePrompts = async (server, count) => {
	const jsonCount = Math.round(count * jsonShare);
	const bodies = [
		...(await spreadLines("tickets.jsonl", count - jsonCount)),
		...(await spreadLines("tickets-json.jsonl", jsonCount)),
	];
	const prompts: (readonly number[])[] = [];
	for (const line of bodies) {
		const text = await server.applyTemplate(ticketLine.parse(JSON.parse(line)).body.messages);
		if (!text.ok) return text;
		const tokens = await server.tokenize(text.value);
		if (!tokens.ok) return tokens;
		prompts.push(tokens.value);
	}
	return ok(prompts);
};

/** Texts that break off anywhere, each of a length of its own. */
export const benchPrompts: MakePrompts = async (server, count) => {
	const random = createRandom(seed);
	const prompts: (readonly number[])[] = [];
	for (let index = 0; index < count; index++) {
		const length = leastTokens + Math.floor(random() * (mostTokens - leastTokens + 1));
		const tickets = Array.from({ length: 6 }, (_, part) => ticketText(firstTicket + index * 10 + part));
		const tokens = await server.tokenize(tickets.join(" "));
		if (!tokens.ok) return tokens;
		if (tokens.value.length < length)
			return err(`a text has ${tokens.value.length} tokens only; ${length} were wanted`);
		prompts.push(tokens.value.slice(0, length));
	}
	return ok(prompts);
};

async function spreadLines(name: string, count: number): Promise<readonly string[]> {
	const lines = (await readFile(join(examplesFolder, name), "utf8")).split("\n").filter((line) => line.length > 0);
	return Array.from({ length: count }, (_, index) => lines[Math.floor((index * lines.length) / count)] ?? "");
}
