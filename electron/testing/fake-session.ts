/** A session: what pages may do, the files they save, and whether they are signed in. */
import { EventEmitter } from "node:events";
import type { DownloadPort, GuardedContents, GuardedSession } from "../security/ports.ts";
import type { CookieFetch } from "../windows/sign-in.ts";

type RequestHandler = Parameters<GuardedSession["setPermissionRequestHandler"]>[0];
type CheckHandler = Parameters<GuardedSession["setPermissionCheckHandler"]>[0];

/** A file that somebody saves; where to is what the dialog suggested. */
class FakeDownload extends EventEmitter implements DownloadPort {
	readonly #address: string;
	readonly #filename: string;
	/** What the dialog for saving shows; null: none was prepared. */
	dialog: { readonly title: string; readonly defaultPath: string } | null = null;
	isSaved = false;

	constructor(address: string, filename: string) {
		super();
		this.#address = address;
		this.#filename = filename;
	}

	getURL(): string {
		return this.#address;
	}

	getFilename(): string {
		return this.#filename;
	}

	setSaveDialogOptions(options: { readonly title: string; readonly defaultPath: string }): void {
		this.dialog = options;
	}

	getSavePath(): string {
		return this.isSaved ? (this.dialog?.defaultPath ?? "") : "";
	}

	/** The user says where, and all of it comes. */
	save(): void {
		this.isSaved = true;
		this.emit("done", {}, "completed");
	}

	/** The user thinks better of it. */
	cancel(): void {
		this.emit("done", {}, "cancelled");
	}
}

/** A session. Grants what Electron grants where nobody decides: everything. */
export class FakeSession extends EventEmitter implements GuardedSession, CookieFetch {
	/** Origins whose cookie the session holds. */
	readonly signedIn = new Set<string>();
	#request: RequestHandler | null = null;
	#check: CheckHandler | null = null;
	#devices: (() => boolean) | null = null;

	setPermissionRequestHandler(handler: RequestHandler): void {
		this.#request = handler;
	}

	setPermissionCheckHandler(handler: CheckHandler): void {
		this.#check = handler;
	}

	setDevicePermissionHandler(handler: () => boolean): void {
		this.#devices = handler;
	}

	setDisplayMediaRequestHandler(_handler: null): void {}

	async fetch(address: string, { signal }: { readonly signal: AbortSignal }): Promise<{ readonly status: number }> {
		signal.throwIfAborted();
		return { status: this.signedIn.has(new URL(address).origin) ? 200 : 401 };
	}

	/** A page asks for a permission; what it got. */
	asks(contents: GuardedContents, permission: string, address = contents.getURL(), isMainFrame = true): boolean {
		let isGranted = this.#request === null;
		const answer = (granted: boolean) => {
			isGranted = granted;
		};
		this.#request?.(contents, permission, answer, { isMainFrame, requestingUrl: address });
		return isGranted;
	}

	/** A page looks whether it has a permission. */
	checks(contents: GuardedContents | null, permission: string, address: string, isMainFrame = true): boolean {
		return this.#check?.(contents, permission, address, { isMainFrame }) ?? true;
	}

	/** A page asks for a device that somebody chose. */
	asksForDevice(): boolean {
		return this.#devices?.() ?? true;
	}

	/** A page saves a file; null: it was not let. */
	saves(contents: GuardedContents, address: string, filename: string): FakeDownload | null {
		const download = new FakeDownload(address, filename);
		let isPrevented = false;
		const event = {
			preventDefault() {
				isPrevented = true;
			},
		};
		this.emit("will-download", event, download, contents);
		return isPrevented ? null : download;
	}
}
