/** What the process that is killed in the test of `rest.ts` says, by number; the test knows from it what must be on disk. */
import type { RestRequest } from "../contract/contract.ts";

const words: readonly [RestRequest, ...RestRequest[]] = [
	{ action: "pause" },
	{ action: "resume" },
	{ action: "snooze", for: "1h" },
	{ action: "resume" },
];

/** The word of that number, from 0. */
export function wordOf(number: number): RestRequest {
	return words[number % words.length] ?? words[0];
}
