/**
 * The hand of a trial inside a machine's network: asks the machine's own loopback server what it is told to, a JSON line a request, and
 * prints a JSON line an answer. Knows nothing of what is asked.
 */
import { createInterface } from "node:readline";
import { askSchema, type Told } from "./asking.ts";

async function ask(line: string): Promise<void> {
	const { id, url, method, headers, body, timeoutMs } = askSchema.parse(JSON.parse(line));
	tell(await answerTo());

	async function answerTo(): Promise<Told> {
		try {
			const signal = AbortSignal.timeout(timeoutMs);
			const response = await fetch(url, { method, headers, body, signal });
			const text = await response.text();
			return { id, answer: { http: response.status, headers: Object.fromEntries(response.headers), text } };
		} catch {
			// Down, killed meanwhile, or standing still: to who asked it is all the same.
			return { id, answer: null };
		}
	}
}

function tell(told: Told): void {
	process.stdout.write(`${JSON.stringify(told)}\n`);
}

const lines = createInterface(process.stdin);
lines.on("line", (line) => void ask(line));
lines.on("close", () => process.exit(0));
