/** Asking a machine of a trial over its own loopback, by a helper inside its network. */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { NetworkWorld } from "../../native/mesh/testing/netns.ts";

/** What the helper is told. */
export const askSchema = z.object({
	id: z.int(),
	url: z.string(),
	method: z.string(),
	headers: z.record(z.string(), z.string()),
	body: z.string().nullable(),
	timeoutMs: z.int(),
});

const toldSchema = z.object({
	id: z.int(),
	answer: z.object({ http: z.int(), headers: z.record(z.string(), z.string()), text: z.string() }).nullable(),
});
/** What the helper tells: the answer; null: there was none. */
export type Told = z.infer<typeof toldSchema>;
/** What a machine answered. */
export type Answer = NonNullable<Told["answer"]>;

/** A request. */
export type Asked = Omit<z.infer<typeof askSchema>, "id">;

/** Asks inside one machine's network; null: no answer. */
export type Ask = (asked: Asked) => Promise<Answer | null>;

/** Starts the helper; it ends with the world. */
export function startAsking(world: NetworkWorld, machine: string): Ask {
	const child = world.spawn(machine, [fileURLToPath(new URL("./agent.ts", import.meta.url))]);
	const { stdin, stdout, stderr } = child;
	if (stdin === null || stdout === null || stderr === null) throw new Error("The helper has no pipes.");
	const waiting = new Map<number, (answer: Answer | null) => void>();
	let count = 0;
	// Whoever still waits when the world ends gets no answer.
	child.once("exit", () => {
		for (const settle of waiting.values()) settle(null);
		waiting.clear();
	});
	stdin.on("error", () => {});
	stderr.pipe(process.stderr, { end: false });
	createInterface(stdout).on("line", (line) => {
		const { id, answer } = toldSchema.parse(JSON.parse(line));
		waiting.get(id)?.(answer);
		waiting.delete(id);
	});
	return (asked) =>
		new Promise((resolve) => {
			if (child.exitCode !== null || child.signalCode !== null) return resolve(null);
			count += 1;
			waiting.set(count, resolve);
			stdin.write(`${JSON.stringify({ id: count, ...asked })}\n`);
		});
}
