/**
 * Live requests as an editor and a chat window send them: streamed, timed from outside. Made from a seed, the same with and
 * without a batch. Must never know what else the service is doing.
 */
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { createRandom, ticketText } from "./tickets.ts";

/** A streamed request. */
export interface LiveRequest {
	readonly path: "/v1/chat/completions" | "/v1/completions";
	readonly body: object;
}

/** How a request went; times in milliseconds from just before it was sent. */
export interface LiveTiming {
	/** To the first piece of text; null: there was none. */
	readonly firstTokenMs: number | null;
	readonly totalMs: number;
	/** What went wrong; null: nothing. */
	readonly failure: string | null;
}

/** Few enough to be quick, enough to be a stream. */
const chatTokens = 8;
/** Fewer: five requests a second of eight tokens are more than two slow cores can do, and all that shows then is a queue. */
const burstTokens = 4;
/** Live tickets are none of the batch's. */
const firstLiveTicket = 8_000_000;
/** Letters typed between two automatic completions. */
const typedLetters = 3;
/** Tickets a document is made of, and letters of it that are there before the typing begins. */
const burstTickets = 9;
const knownLetters = 120;
/** Autocomplete requests a second. */
const burstRate = 5;

/** Short questions of a chat window, each another. */
export function chatRequests(model: string, count: number): readonly LiveRequest[] {
	return Array.from({ length: count }, (_, index) => ({
		path: "/v1/chat/completions",
		body: {
			model,
			messages: [{ role: "user", content: ticketText(firstLiveTicket + index) }],
			max_tokens: chatTokens,
			temperature: 0,
			stream: true,
		},
	}));
}

/**
 * What an editor sends while somebody types: always the text so far, a few letters longer each time. `document`: another one
 * each time it is measured, of equal length, or the lanes would still know it from the time before.
 */
export function burstRequests(model: string, seconds: number, document: number): readonly LiveRequest[] {
	const count = Math.round(seconds * burstRate);
	const firstTicket = firstLiveTicket - 1 - document * burstTickets;
	const [known = "", ...rest] = Array.from({ length: burstTickets }, (_, index) => ticketText(firstTicket - index));
	const typed = rest.join(" ");
	return Array.from({ length: count }, (_, index) => ({
		path: "/v1/completions",
		body: {
			model,
			prompt: `${known.slice(0, knownLetters)} ${typed.slice(0, (index + 1) * typedLetters)}`,
			max_tokens: burstTokens,
			temperature: 0,
			stream: true,
		},
	}));
}

/** Sends requests one after the other, `pause` before each. Ends early where `pause` says false. */
export async function sendInTurn(
	url: string,
	requests: readonly LiveRequest[],
	pause: () => Promise<boolean>,
): Promise<readonly LiveTiming[]> {
	const timings: LiveTiming[] = [];
	for (const request of requests) {
		if (!(await pause())) break;
		timings.push(await sendLive(url, request));
	}
	return timings;
}

/** Sends requests in a fixed rhythm, whether or not those before are answered. */
export async function sendInRhythm(url: string, requests: readonly LiveRequest[]): Promise<readonly LiveTiming[]> {
	const startMs = performance.now();
	return Promise.all(
		requests.map(async (request, index) => {
			await delay(Math.max(0, startMs + (index * 1_000) / burstRate - performance.now()));
			return sendLive(url, request);
		}),
	);
}

/** Pauses of random length, exponentially spread: arrivals without any rhythm of their own. */
export function randomPauses(meanMs: number, seed: number): () => number {
	const random = createRandom(seed);
	return () => -Math.log(1 - random()) * meanMs;
}

const chunk = z.object({
	choices: z.array(
		z.object({ text: z.string().optional(), delta: z.object({ content: z.string().nullish() }).optional() }),
	),
});

/** Sends one request and reads its stream to the end. */
export async function sendLive(url: string, request: LiveRequest): Promise<LiveTiming> {
	const sentMs = performance.now();
	const elapsed = (): number => performance.now() - sentMs;
	let firstTokenMs: number | null = null;
	const failed = (failure: string): LiveTiming => ({ firstTokenMs, totalMs: elapsed(), failure });
	const response = await fetch(`${url}${request.path}`, {
		method: "POST",
		headers: { "content-type": "application/json", "user-agent": "nightshift-bench" },
		body: JSON.stringify(request.body),
	});
	if (!response.ok || response.body === null) return failed(`${response.status}: ${await response.text()}`);
	let rest = "";
	for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
		const lines = `${rest}${text}`.split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines) {
			const data = line.startsWith("data: ") ? line.slice("data: ".length).trim() : "";
			if (data === "" || data === "[DONE]") continue;
			const event = chunk.safeParse(JSON.parse(data));
			if (!event.success) return failed(`not a chunk: ${data}`);
			if (event.data.choices.some((choice) => (choice.text ?? choice.delta?.content ?? "") !== "")) {
				firstTokenMs ??= elapsed();
			}
		}
	}
	return firstTokenMs === null ? failed("no text came") : { firstTokenMs, totalMs: elapsed(), failure: null };
}
