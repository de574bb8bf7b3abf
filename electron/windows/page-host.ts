/**
 * What one window's contents show: the service's page while there is a service, else the local page that says so. Owns loading,
 * and getting over failed loads and pages that end; must never show anything else.
 */
import type { MenuItemConstructorOptions, WebPreferences } from "electron";
import type { Platform } from "../base/base.ts";
import type { ShellLog } from "../log.ts";
import { isOfFile } from "../security/addresses.ts";
import type { NavigationEvent } from "../security/ports.ts";
import type { TrustedSenders } from "../security/trusted-ipc.ts";
import type { Answer, ServiceLink } from "../service/link.ts";
import type { ServicePhase } from "../state/state.ts";
import { type DownAction, type DownReason, downAction, downQuery } from "./down-page.ts";
import { entryAddress, isPageOf, type PageView, screenAddress, screenOf } from "./page-address.ts";
import { type PageHealth, watchHealth } from "./page-health.ts";
import type { ContentsPort, CreateWindow, ScreenPort, ThemePort, WindowPort } from "./ports.ts";

/** What all windows with the page need. */
export interface PageDeps {
	readonly service: Pick<ServiceLink, "state" | "watch">;
	/**
	 * Address that lets a window into the page: the service's own while the windows are signed in, with a code that works once while
	 * they are not.
	 */
	readonly pageAddress: () => Promise<Answer<string>>;
	/** Path of `down/down.html`. */
	readonly downPage: string;
	/** Somebody chose something on that page that is not the window's own affair. */
	readonly onDownAction: (action: DownAction) => void;
	readonly log: ShellLog;
}

/** What a window with the page is made from. */
export interface PageWindowDeps extends PageDeps {
	readonly platform: Platform;
	readonly createWindow: CreateWindow;
	readonly preferences: WebPreferences;
	readonly senders: TrustedSenders;
	readonly screen: ScreenPort;
	readonly theme: ThemePort;
	/** Path of the program's picture. */
	readonly icon: string;
	/** Shows a menu where the pointer is. */
	readonly popUpMenu: (template: MenuItemConstructorOptions[]) => void;
}

/** The page in a window. */
export interface PageHost {
	/** Goes to a screen, e.g. `#/jobs/batch_1`; as soon as the page is there. */
	goTo(hash: string): void;
	/** Ends all that is going on; for a window that is gone. */
	end(): void;
}

/** A window that shows nothing yet waits so long for a service that starts; usually it takes a second. */
export const START_PATIENCE_MS = 3_000;
/**
 * A page that is there stays so long while its service is away: it says so itself, goes on by itself, and may hold what somebody is
 * writing.
 */
export const RESTART_PATIENCE_MS = 20_000;
/** Loads of one page before it is given up: a service that has just come up may refuse for a moment. */
export const MOST_LOADS = 4;
/** Between two of them. */
export const LOAD_PAUSE_MS = 1_000;

/** Where even the local page ends again and again, e.g. for want of memory, it is tried so often. */
export const DOWN_PAUSE_MS = 10_000;

/** Chromium's ERR_ABORTED: another load came instead, or the answer was a file to save. */
const ABORTED = -3;

type Shown =
	| { readonly kind: "nothing" }
	| { readonly kind: "loading" | "page"; readonly url: string }
	| { readonly kind: "down"; readonly reason: DownReason };

/** Loads the page into a window and keeps it there. */
export function createPageHost(window: WindowPort, view: PageView, deps: PageDeps): PageHost {
	return new Host(window, view, deps);
}

class Host implements PageHost {
	readonly #contents: ContentsPort;
	readonly #view: PageView;
	readonly #deps: PageDeps;
	readonly #health: PageHealth;
	readonly #stopWatching: () => void;
	#shown: Shown = { kind: "nothing" };
	/** The screen one is at, or will be; empty: the page's first. */
	#hash = "";
	/** Counts loads, so that what comes late of one before is not taken for this one's. */
	#generation = 0;
	/** Of the page now wanted, the failed ones among them. */
	#loads = 0;
	#timer: NodeJS.Timeout | null = null;
	#isOver = false;

	constructor(window: WindowPort, view: PageView, deps: PageDeps) {
		this.#contents = window.webContents;
		this.#view = view;
		this.#deps = deps;
		this.#health = watchHealth(window, deps.log, (reason, isTooOften) => this.#ended(reason, isTooOften));
		const { service } = deps;
		let seen = JSON.stringify(service.state.service);
		this.#stopWatching = service.watch(({ service: phase }) => {
			// Of all that changes in the state only this is about windows, and a page that was given up must stay so.
			const now = JSON.stringify(phase);
			if (now === seen) return;
			seen = now;
			this.#look(phase);
		});
		this.#listen(this.#contents);
		this.#look(service.state.service);
	}

	goTo(hash: string): void {
		this.#hash = hash;
		if (this.#shown.kind === "page") this.#navigate();
	}

	end(): void {
		this.#isOver = true;
		this.#stopWaiting();
		this.#health.end();
		this.#stopWatching();
	}

	#listen(contents: ContentsPort): void {
		contents.on("did-finish-load", () => this.#finished());
		contents.on("did-fail-load", (_event, errorCode, description, _address, isMainFrame) => {
			if (isMainFrame && errorCode !== ABORTED) this.#loadFailed(description);
		});
		contents.on("did-navigate-in-page", (_event, address, isMainFrame) => {
			if (isMainFrame && this.#shown.kind === "page") this.#hash = screenOf(address);
		});
		contents.on("will-navigate", (event) => this.#act(event));
	}

	#look(phase: ServicePhase): void {
		if (this.#isGone()) return;
		switch (phase.kind) {
			case "up":
				if (!isAt(this.#shown, phase.url)) this.#loadAnew(phase.url);
				else if (this.#shown.kind === "page") this.#stopWaiting();
				return;
			case "starting":
			case "restarting":
				if (this.#shown.kind === "down") this.#showDown(phase);
				else if (this.#timer === null || this.#shown.kind === "loading") this.#expectSoon();
				return;
			case "given-up":
			case "stopped":
				this.#showDown(phase);
				return;
			default:
				phase satisfies never;
		}
	}

	/** Says that the service is away when it is still away after a while. */
	#expectSoon(): void {
		const patienceMs = this.#shown.kind === "page" ? RESTART_PATIENCE_MS : START_PATIENCE_MS;
		// What is on its way comes from a service that is gone.
		if (this.#shown.kind === "loading") this.#shown = { kind: "nothing" };
		this.#wait(patienceMs, () => {
			const phase = this.#deps.service.state.service;
			if (phase.kind !== "up") this.#showDown(phase);
		});
	}

	#loadAnew(url: string): void {
		this.#loads = 0;
		void this.#load(url);
	}

	async #load(url: string): Promise<void> {
		this.#stopWaiting();
		this.#loads++;
		const mine = ++this.#generation;
		this.#shown = { kind: "loading", url };
		const answer = await this.#deps.pageAddress();
		if (this.#isGone() || mine !== this.#generation) return;
		if (!answer.ok) return this.#failed(url, answer.error.message);
		const current = this.#contents.getURL();
		const address = entryAddress(answer.value, { url, view: this.#view, hash: this.#hash, current });
		if (address === null) return this.#failed(url, `That is no address of ${url}.`);
		// What goes wrong comes as `did-fail-load` too, also of loads that began otherwise.
		this.#contents.loadURL(address).catch(() => {});
	}

	#loadFailed(description: string): void {
		if (this.#isGone() || this.#shown.kind === "down" || this.#shown.kind === "nothing") return;
		this.#failed(this.#shown.url, description);
	}

	#failed(url: string, message: string): void {
		const phase = this.#deps.service.state.service;
		if (phase.kind !== "up") {
			this.#shown = { kind: "nothing" };
			this.#look(phase);
		} else if (this.#loads >= MOST_LOADS) {
			this.#deps.log.warn({ message, loads: this.#loads }, "the page could not be loaded");
			this.#showDown({ kind: "unreachable", message });
		} else this.#wait(LOAD_PAUSE_MS, () => void this.#load(url));
	}

	#showDown(reason: DownReason): void {
		if (this.#shown.kind === "down" && isSame(this.#shown.reason, reason)) return;
		this.#stopWaiting();
		this.#generation++;
		this.#shown = { kind: "down", reason };
		// A file of the program itself; where even that can't be read there is nothing left to show. Another load may take its place.
		this.#contents.loadFile(this.#deps.downPage, { query: downQuery(reason) }).catch((error: unknown) => {
			if (this.#shown.kind === "down")
				this.#deps.log.warn({ error: String(error) }, "the page for a service that is down could not be loaded");
		});
	}

	#finished(): void {
		if (this.#shown.kind !== "loading" || !isPageOf(this.#contents.getURL(), this.#shown.url)) return;
		this.#shown = { kind: "page", url: this.#shown.url };
		this.#loads = 0;
		if (this.#hash !== "") this.#navigate();
	}

	/** The same address again would load the page anew, and lose what somebody is writing. */
	#navigate(): void {
		const current = this.#contents.getURL();
		if (screenOf(current) !== this.#hash) this.#contents.loadURL(screenAddress(current, this.#hash)).catch(() => {});
	}

	#ended(reason: string, isTooOften: boolean): void {
		if (this.#isGone()) return;
		const was = this.#shown;
		const phase = this.#deps.service.state.service;
		this.#shown = { kind: "nothing" };
		if (isTooOften) {
			const why: DownReason = phase.kind === "up" ? { kind: "broken", message: reason } : phase;
			if (was.kind === "down" || was.kind === "nothing") this.#wait(DOWN_PAUSE_MS, () => this.#showDown(why));
			else this.#showDown(why);
		} else if (was.kind === "down") this.#showDown(was.reason);
		else this.#look(phase);
	}

	/** The links of the page that says that the service is down lead to itself, and say what is wished. */
	#act(event: NavigationEvent): void {
		const { downPage, service, onDownAction } = this.#deps;
		if (!isOfFile(event.url, downPage) || !isOfFile(this.#contents.getURL(), downPage)) return;
		event.preventDefault();
		const action = downAction(event.url);
		const phase = service.state.service;
		if (action === "try-again" && phase.kind === "up") {
			this.#health.forgive();
			this.#loadAnew(phase.url);
		} else if (action !== null) onDownAction(action);
	}

	#wait(delayMs: number, then: () => void): void {
		this.#stopWaiting();
		this.#timer = setTimeout(() => {
			this.#timer = null;
			if (!this.#isGone()) then();
		}, delayMs);
	}

	#stopWaiting(): void {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
	}

	#isGone(): boolean {
		return this.#isOver || this.#contents.isDestroyed();
	}
}

function isAt(shown: Shown, url: string): boolean {
	return (shown.kind === "page" || shown.kind === "loading") && shown.url === url;
}

function isSame(one: DownReason, other: DownReason): boolean {
	return JSON.stringify(downQuery(one)) === JSON.stringify(downQuery(other));
}
