/** A page in a window, with what people and pages do to it. Loads take a turn of the event loop, as real ones take longer. */
import { EventEmitter } from "node:events";
import type { FramePort } from "../security/ports.ts";
import type { ContentsPort } from "../windows/ports.ts";
import type { FakeSession } from "./fake-session.ts";

/** What all windows of one test share. */
export interface FakeWeb {
	readonly session: FakeSession;
	/** Origins that do not answer; all others do. */
	readonly unreachable: Set<string>;
	/** Codes that let somebody in, each once; null: all do. */
	codes: Set<string> | null;
	/** Ids given so far. */
	lastId: number;
}

/** Chromium's numbers of what went wrong. */
const errors = { ABORTED: -3, CONNECTION_REFUSED: -102 } as const;

/** An event of Electron, and whether somebody kept it from happening. */
export class FakeEvent {
	defaultPrevented = false;
	preventDefault(): void {
		this.defaultPrevented = true;
	}
}

/** The contents of a window. */
export class FakeContents extends EventEmitter implements ContentsPort {
	readonly id: number;
	readonly web: FakeWeb;
	#address = "";
	#isDestroyed = false;
	#loading = 0;
	/** Its process ended; nothing is shown until something is loaded. */
	isCrashed = false;
	/** Documents loaded so far, each with all that was in it; a change behind the `#` loads none. */
	documents = 0;
	#openHandler: ((details: { readonly url: string }) => { action: "deny" }) | null = null;

	constructor(web: FakeWeb) {
		super();
		this.web = web;
		this.id = ++web.lastId;
	}

	/** The page itself, as it is now. */
	get mainFrame(): FramePort {
		const parsed = URL.parse(this.#address);
		return { origin: parsed?.protocol === "file:" ? "file://" : (parsed?.origin ?? "null"), parent: null };
	}

	get session(): FakeSession {
		return this.web.session;
	}

	getURL(): string {
		return this.#address;
	}

	isDestroyed(): boolean {
		return this.#isDestroyed;
	}

	/** Called by the window. */
	destroy(): void {
		this.#isDestroyed = true;
		this.#loading++;
		this.emit("destroyed");
	}

	async loadURL(address: string): Promise<void> {
		if (this.#isDestroyed) throw new TypeError("Object has been destroyed");
		if (this.#isSameDocument(address)) {
			// It takes the place of a load that is under way.
			this.#loading++;
			this.#goInPage(address);
			return;
		}
		const mine = ++this.#loading;
		await new Promise((resolve) => setImmediate(resolve));
		if (mine !== this.#loading) throw new Error("ERR_ABORTED (-3)");
		if (this.web.unreachable.has(new URL(address).origin)) {
			this.emit("did-fail-load", new FakeEvent(), errors.CONNECTION_REFUSED, "ERR_CONNECTION_REFUSED", address, true);
			throw new Error("ERR_CONNECTION_REFUSED (-102)");
		}
		this.isCrashed = false;
		this.documents++;
		this.#address = new URL(address).href;
		this.emit("dom-ready");
		this.#signIn();
		this.emit("did-finish-load");
	}

	loadFile(path: string, options: { readonly query: Record<string, string> }): Promise<void> {
		const address = new URL(`file://${path}`);
		address.search = new URLSearchParams(options.query).toString();
		return this.loadURL(address.href);
	}

	setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: "deny" }): void {
		this.#openHandler = handler;
	}

	forcefullyCrashRenderer(): void {
		this.crash("killed");
	}

	/** Somebody follows a link, or a script of the page leads elsewhere. Answers whether it was let. */
	follow(link: string): boolean {
		const address = new URL(link, this.#address).href;
		if (this.#isSameDocument(address)) {
			this.#goInPage(address);
			return true;
		}
		const event = Object.assign(new FakeEvent(), { url: address, isMainFrame: true });
		this.emit("will-frame-navigate", event);
		if (!event.defaultPrevented) this.emit("will-navigate", event);
		if (event.defaultPrevented) return false;
		this.loadURL(address).catch(() => {});
		return true;
	}

	/** A frame in the page goes somewhere. Answers whether it was let. */
	followInFrame(address: string): boolean {
		const event = Object.assign(new FakeEvent(), { url: address, isMainFrame: false });
		this.emit("will-frame-navigate", event);
		return !event.defaultPrevented;
	}

	/** The server of a page sends the browser elsewhere. Answers whether it was let. */
	redirect(address: string): boolean {
		const event = Object.assign(new FakeEvent(), { url: address, isMainFrame: true });
		this.emit("will-redirect", event);
		return !event.defaultPrevented;
	}

	/** A page opens a window, or somebody follows a link that does. Answers whether there is one. */
	openWindow(address: string): boolean {
		return this.#openHandler === null || this.#openHandler({ url: address }).action !== "deny";
	}

	/** A page puts a `<webview>` into itself. Answers whether it was let. */
	attachWebview(): boolean {
		const event = new FakeEvent();
		this.emit("will-attach-webview", event);
		return !event.defaultPrevented;
	}

	/** Somebody presses a key. Answers whether the page gets it. */
	press(key: string): boolean {
		const event = new FakeEvent();
		this.emit("before-input-event", event, { type: "keyDown", key });
		return !event.defaultPrevented;
	}

	/** Somebody uses the other mouse button: in a field where something is marked, on marked words, or on nothing (null). */
	pointAt(target: "field" | "words" | null): void {
		const isEditable = target === "field";
		const canCopy = target !== null;
		const editFlags = { canCut: isEditable, canCopy, canPaste: isEditable, canSelectAll: true };
		this.emit("context-menu", new FakeEvent(), { isEditable, selectionText: canCopy ? "words" : "", editFlags });
	}

	/** The page's process ends. */
	crash(reason = "crashed"): void {
		this.isCrashed = true;
		this.#loading++;
		this.emit("render-process-gone", new FakeEvent(), { reason, exitCode: 1 });
	}

	/** A load is broken off by a download or another load, which is told as if it had failed. */
	abort(): void {
		this.emit("did-fail-load", new FakeEvent(), errors.ABORTED, "ERR_ABORTED", this.#address, true);
	}

	#isSameDocument(address: string): boolean {
		const next = new URL(address);
		const now = URL.parse(this.#address);
		if (now === null || this.isCrashed || next.hash === "" || next.hash === now.hash) return false;
		return next.href.split("#")[0] === now.href.split("#")[0];
	}

	#goInPage(address: string): void {
		this.#address = new URL(address).href;
		this.emit("did-navigate-in-page", new FakeEvent(), this.#address, true);
	}

	/** What the page does first (renderer/api/client.ts): it trades a code for a cookie, and takes it out of the address. */
	#signIn(): void {
		const address = new URL(this.#address);
		const code = /^#code=(.+)$/.exec(address.hash)?.[1];
		if (code === undefined) return;
		address.hash = "";
		this.#goInPage(address.href);
		if (this.web.codes === null || this.web.codes.delete(code)) this.web.session.signedIn.add(address.origin);
	}
}
