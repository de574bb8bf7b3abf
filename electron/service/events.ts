/**
 * Follows the service's stream of events through broken connections. Owns the connection to it; must never decide what an event means.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { z } from "zod";
import {
	type BatchesEvent,
	batchesEventSchema,
	type EngineEvent,
	engineEventSchema,
	type MachineStatus,
	type MeshView,
	machineEventSchema,
	meshEventSchema,
	type NoticeObject,
	noticeSchema,
	type SettingsValues,
	settingsEventSchema,
} from "../../native/contract/contract.ts";
import { parseJson } from "../base/base.ts";
import type { Connection } from "./client.ts";
import { createEventParser, type ServerSentEvent } from "./event-parser.ts";

/** Something the service told. */
export type LinkEvent =
	/** `isFirst`: the first of a connection, which carries the newest hundred as they are. */
	| { readonly kind: "batches"; readonly event: BatchesEvent; readonly isFirst: boolean }
	| { readonly kind: "machine"; readonly machine: MachineStatus }
	| { readonly kind: "engine"; readonly engine: EngineEvent }
	| { readonly kind: "settings"; readonly settings: SettingsValues }
	| { readonly kind: "mesh"; readonly mesh: MeshView }
	| { readonly kind: "notice"; readonly notice: NoticeObject };

/** What following needs. */
export interface FollowDeps {
	readonly connection: Connection;
	/** Number of the last notice that needs not be told again; 0: all are told. Asked at each connection. */
	readonly lastNotice: () => number;
	readonly onEvent: (event: LinkEvent) => void;
	/** Hears of what could not be read, in words for a log. */
	readonly onProblem: (message: string) => void;
	/** By default the global one. */
	readonly fetch?: typeof fetch;
	/** Shorter in tests. */
	readonly limits?: FollowLimits;
}

/** Times of following. */
export interface FollowLimits {
	/** First pause after a connection broke, doubled up to the longest. The service itself is up: it is a matter of moments. */
	readonly firstPauseMs: number;
	readonly longestPauseMs: number;
	/** The service fills silence every 15 seconds; longer silence is a dead connection. */
	readonly silenceMs: number;
}

const followLimits: FollowLimits = { firstPauseMs: 250, longestPauseMs: 5_000, silenceMs: 45_000 };

/** Follows until the answered function is called. */
export function followEvents(deps: FollowDeps): () => void {
	const { firstPauseMs, longestPauseMs } = deps.limits ?? followLimits;
	const end = new AbortController();
	const { signal } = end;

	async function follow(): Promise<void> {
		let pauseMs = firstPauseMs;
		while (!signal.aborted) {
			const wasHeard = await readStream(deps, signal);
			pauseMs = wasHeard ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs);
			await pause(pauseMs, null, { signal }).catch(() => null);
		}
	}

	void follow();
	return () => end.abort();
}

/** Reads one connection to its end; answers whether anything came of it. */
async function readStream(deps: FollowDeps, end: AbortSignal): Promise<boolean> {
	const { onProblem, limits = followLimits } = deps;
	const connection = new AbortController();
	const close = () => connection.abort();
	end.addEventListener("abort", close);
	const watch = setTimeout(close, limits.silenceMs);
	const reader = await open(deps, connection.signal);
	const decoder = new TextDecoder();
	const parser = createEventParser();
	const tell = createTeller(deps);
	let wasHeard = false;
	while (reader !== null) {
		const piece = await next(reader);
		if (piece === null || end.aborted) break;
		watch.refresh();
		const events = parser.take(decoder.decode(piece, { stream: true }));
		if (events === null) {
			onProblem("an event of the service was too long");
			break;
		}
		wasHeard ||= events.length > 0;
		for (const event of events) if (!end.aborted) tell(event);
	}
	clearTimeout(watch);
	end.removeEventListener("abort", close);
	close();
	return wasHeard;
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** Null: there is no stream to be had now. */
async function open(deps: FollowDeps, signal: AbortSignal): Promise<Reader | null> {
	const { connection, lastNotice, onProblem } = deps;
	const headers = { authorization: `Bearer ${connection.token}`, "last-event-id": String(lastNotice()) };
	try {
		const url = `${connection.url}/api/events?topics=all`;
		const answer = await (deps.fetch ?? fetch)(url, { headers, redirect: "error", signal });
		if (answer.ok && answer.body !== null) return answer.body.getReader();
		onProblem(`the service refused its events with status ${answer.status}`);
		await answer.body?.cancel();
	} catch {
		// The service went away this moment, or we did; both are seen to elsewhere.
	}
	return null;
}

/** The next piece; null: the connection is over, in whatever way. */
async function next(reader: Reader): Promise<Uint8Array | null> {
	try {
		return (await reader.read()).value ?? null;
	} catch {
		return null;
	}
}

/** Makes sense of a connection's events. Those of no use to a shell, such as downloads, and of newer services are passed over. */
function createTeller({ onEvent, onProblem }: FollowDeps): (event: ServerSentEvent) => void {
	let isFirst = true;

	function read<Value>({ name, data }: ServerSentEvent, schema: z.ZodType<Value>, tell: (value: Value) => void): void {
		const parsed = schema.safeParse(parseJson(data));
		if (parsed.success) tell(parsed.data);
		else onProblem(`an event of the service (${name}) could not be read: ${parsed.error.issues[0]?.message ?? ""}`);
	}

	return (event) => {
		switch (event.name) {
			case "batches":
				return read(event, batchesEventSchema, (batches) => {
					onEvent({ kind: "batches", event: batches, isFirst });
					isFirst = false;
				});
			case "machine":
				return read(event, machineEventSchema, (machine) => onEvent({ kind: "machine", machine }));
			case "engine":
				return read(event, engineEventSchema, (engine) => onEvent({ kind: "engine", engine }));
			case "settings":
				return read(event, settingsEventSchema, (settings) => onEvent({ kind: "settings", settings }));
			case "mesh":
				return read(event, meshEventSchema, (mesh) => onEvent({ kind: "mesh", mesh }));
			case "notice":
				return read(event, noticeSchema, (notice) => onEvent({ kind: "notice", notice }));
		}
	};
}
