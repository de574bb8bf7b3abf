/**
 * Opens what somebody asks for: files with Nightshift, links to places in it, or simply the program once more. Owns the files that wait
 * for the service. Must never look into a file, and never do more for a link than show a place.
 *
 * **What happens to an opened file** is what happens to a dropped one: the service takes a copy, checks every line and runs the first five;
 * the window opens where its card is, and the user queues it there. Opening a file is one careless double click away, so nothing is
 * queued by it; who opens files by script or all day sets `desktop.openedFiles` to `queue`, and then each is queued at once, without
 * a window. What the service refuses is told in its own words.
 */
import { basename } from "node:path";
import { batchTag, type Card, ownCard } from "../notifications/notifications.ts";
import { screens } from "../screens.ts";
import type { ServiceLink } from "../service/link.ts";
import { openWords } from "../words/open.ts";
import { type Delivered, deliverFile } from "./delivery.ts";
import type { Inbox, OpenSource } from "./inbox.ts";
import type { OpenRequests } from "./requests.ts";

export { createInbox, type Inbox, type OpenAppPort, registerLinks, type SecondStart } from "./inbox.ts";

/** What it is made from. */
export interface OpenDeps {
	readonly link: Pick<ServiceLink, "state" | "watch" | "call">;
	readonly inbox: Inbox;
	/** Opens the main window at a hash, or where it is. */
	readonly show: (hash: string | null) => void;
	/** Tells the user something, by a notification. */
	readonly tell: (card: Card) => void;
	/** Our own first start was asked to show no window (`wasStartedHidden`). */
	readonly startsHidden: boolean;
}

/** Opened files, as the rest of the shell sees them. */
export interface Open {
	/** Files that wait for the service or are on their way to it. */
	readonly waiting: number;
	/** Takes no more. */
	stop(): void;
}

/** Files that wait: as many as one request may bring, twice; each is a path, and the user waits for each. */
const MOST_WAITING = 100;
/** A file is brought again when the service went away under it; a file that makes it go away each time is not. */
const MOST_TRIES = 2;

interface WaitingFile {
	readonly path: string;
	readonly tries: number;
}

/** Begins to open what is in the inbox and what comes. */
export function createOpen({ link, inbox, show, tell, startsHidden }: OpenDeps): Open {
	let waiting: WaitingFile[] = [];
	let isUnderWay = false;
	let isStopped = false;

	function complain(path: string, message: string): void {
		tell(ownCard(`opened:${path}`, openWords.fileFailed(basename(path)), message, screens.home));
	}

	function take({ paths, hash, refused }: OpenRequests, from: OpenSource): void {
		if (isStopped) return;
		for (const { what, message } of refused) tell(refusal(what, message));
		const room = MOST_WAITING - waiting.length;
		if (paths.length > room) tell(refusal("", openWords.tooMany(MOST_WAITING, paths.length - room)));
		waiting.push(...paths.slice(0, room).map((path) => ({ path, tries: 0 })));
		if (hash !== null) show(hash);
		else if (paths.length > 0) {
			if (asks()) show(screens.home);
		} else if (refused.length === 0 && (from === "second-start" || (from === "start" && !startsHidden))) show(null);
		void work();
	}

	/** Before the settings are known: the cautious choice. */
	function asks(): boolean {
		return link.state.settings?.desktop.openedFiles !== "queue";
	}

	/** One after the other: each is copied, and a disk does that best alone. */
	async function work(): Promise<void> {
		if (isUnderWay || isStopped) return;
		const { service, settings } = link.state;
		if (service.kind === "given-up") return giveUp(service.message);
		const [file] = waiting;
		if (service.kind !== "up" || settings === null || file === undefined) return;
		isUnderWay = true;
		const delivered = await deliverFile(link, file.path, settings.desktop.openedFiles);
		isUnderWay = false;
		waiting = waiting.slice(1);
		settle(file, delivered);
		// A service that has just gone away is asked again when it says that it is back.
		if (delivered.kind !== "down") void work();
	}

	function settle({ path, tries }: WaitingFile, delivered: Delivered): void {
		switch (delivered.kind) {
			case "draft":
				return;
			case "queued":
				tell(queued(path, delivered.batchId));
				return;
			case "refused":
				complain(path, delivered.message);
				return;
			case "down":
				if (tries + 1 < MOST_TRIES) waiting = [{ path, tries: tries + 1 }, ...waiting];
				else complain(path, openWords.cameAndWent);
				return;
			default:
				delivered satisfies never;
		}
	}

	/** Nobody would wait for a service that somebody has to mend first. */
	function giveUp(reason: string): void {
		for (const { path } of waiting) complain(path, openWords.notRunning(reason));
		waiting = [];
	}

	const stopWatching = link.watch(() => void work());
	inbox.deliver(take);
	return {
		get waiting() {
			return waiting.length;
		},
		stop() {
			isStopped = true;
			stopWatching();
		},
	};
}

function queued(path: string, batchId: string): Card {
	return ownCard(batchTag(batchId), openWords.queued(basename(path)), openWords.queuedBody, screens.job(batchId));
}

function refusal(what: string, message: string): Card {
	return ownCard("refused", what === "" ? openWords.tooManyTitle : openWords.linkRefused, message, screens.home);
}
