import { type Answer, call } from "./client.ts";

/** How often what the stream of events does not tell is asked for; looks are not made more often than that either. */
const ASK_EVERY_MS = 2_000;

/** Asks for a path, and again after each answer that `onAnswer` says true to. Answers a function that ends it. */
export function poll<Value>(path: string, onAnswer: (answer: Answer<Value>) => boolean): () => void {
	const stop = new AbortController();
	let next: ReturnType<typeof setTimeout> | undefined;
	function ask(): void {
		call<Value>(path, { signal: stop.signal }).then(
			(answer) => {
				if (!stop.signal.aborted && onAnswer(answer)) next = setTimeout(ask, ASK_EVERY_MS);
			},
			(error: unknown) => {
				if (!stop.signal.aborted) throw error;
			},
		);
	}
	ask();
	return () => {
		stop.abort();
		clearTimeout(next);
	};
}
