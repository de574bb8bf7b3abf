/** The service for the rest of the shell: its process, its stream of events and its answers, put together into one link. */
import type { NoticeObject } from "../../native/contract/contract.ts";
import { createListeners } from "../base/base.ts";
import type { Memory } from "../memory/memory.ts";
import { reduce, type StateEvent } from "../state/reduce.ts";
import { initialState, type ServicePhase, type ShellState } from "../state/state.ts";
import type { ServiceReady } from "./child.ts";
import { createClient } from "./client.ts";
import { followEvents, type LinkEvent } from "./events.ts";
import type { Answer, ServiceLink } from "./link.ts";
import { createServiceProcess, type ServiceProcessDeps } from "./service.ts";

/** What a link is made from. */
export interface LinkDeps extends ServiceProcessDeps {
	/** Which notice was shown last; the link remembers by it what happened before the first run and is shown to nobody. */
	readonly memory: Pick<Memory, "current" | "remember">;
	/** Hears of what could not be read, in words for a log. By default nobody does. */
	readonly onProblem?: (message: string) => void;
	/** The present, Unix milliseconds; by default the computer's. */
	readonly nowMs?: () => number;
}

/** The link, and what the shell's own life asks of it. */
export interface OwnedLink extends ServiceLink {
	/** Where the service keeps its data and its log; null: it is not up. */
	readonly folders: Pick<ServiceReady, "dataDir" | "logPath"> | null;
	/** Starts the service, unless it is started already. Wire everything that listens before. */
	start(): Promise<void>;
	/** By the user's word: ends the service where it runs, and starts it whatever went wrong before. */
	restart(): Promise<void>;
	/** Ends the service and all it has started. Resolves when every process is gone, or can't be ended by anybody (see `pids`). */
	stop(): Promise<void>;
	/** An address that opens the page and lets it in, once, within a minute. */
	pageAddress(): Promise<Answer<string>>;
	/** Processes of the service that run now. */
	pids(): Promise<readonly number[]>;
}

/** Makes the link; nothing runs yet. */
export function createLink(deps: LinkDeps): OwnedLink {
	const { memory, onProblem = () => {}, nowMs = Date.now } = deps;
	const service = createServiceProcess(deps);
	const client = createClient({ connection: () => service.ready });
	const notices = createNoticeDesk(memory, nowMs);
	const watchers = createListeners<ShellState>();
	let state = initialState;
	let stopFollowing = () => {};

	function take(event: StateEvent): void {
		const next = reduce(state, event);
		if (next === state) return;
		state = next;
		watchers.tell(state);
	}

	function hear(event: LinkEvent): void {
		switch (event.kind) {
			case "notice":
				notices.take(event.notice);
				break;
			case "batches":
				take({ ...event, atMs: nowMs() });
				break;
			case "machine":
			case "engine":
			case "settings":
			case "mesh":
				take(event);
				break;
			default:
				event satisfies never;
		}
	}

	service.watch((phase: ServicePhase) => {
		stopFollowing();
		const { ready } = service;
		if (phase.kind === "up" && ready !== null) {
			stopFollowing = followEvents({ connection: ready, lastNotice: notices.last, onEvent: hear, onProblem });
		}
		take({ kind: "phase", phase });
	});

	return {
		get state() {
			return state;
		},
		get folders() {
			return service.ready;
		},
		watch: watchers.join,
		onNotice: notices.join,
		onKeepAwake: service.onKeepAwake,
		call: client.call,
		pageAddress: client.pageAddress,
		start: service.start,
		restart: service.restart,
		stop: service.stop,
		pids: service.pids,
	};
}

/** Hands out notices, each once. */
interface NoticeDesk {
	/** Number of the last one; 0: none yet. */
	last(): number;
	take(notice: NoticeObject): void;
	join(listener: (notice: NoticeObject) => void): () => void;
}

/**
 * On the first run of all, what happened before it (a service without a shell may have worked for months) is nobody's news. It is told by its
 * time and not left unasked for, since a service that is killed in between would lose what happens next.
 */
function createNoticeDesk(memory: LinkDeps["memory"], nowMs: () => number): NoticeDesk {
	const readers = createListeners<NoticeObject>();
	const { lastNotice } = memory.current;
	const newsFromS = lastNotice === null ? Math.floor(nowMs() / 1_000) : 0;
	let last = lastNotice ?? 0;
	return {
		last: () => last,
		take(notice) {
			// Not the highest: a data folder that was begun anew counts from one again.
			last = notice.number;
			if (notice.at < newsFromS) return memory.remember({ lastNotice: last });
			readers.tell(notice);
		},
		join: readers.join,
	};
}
