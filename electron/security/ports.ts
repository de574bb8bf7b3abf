/** What of Electron the guards need; the real objects fit as they are. Methods, not functions, so that narrower ones fit too. */
import type { Preventable } from "../base/base.ts";

/** A navigation that is about to happen. */
export interface NavigationEvent extends Preventable {
	readonly url: string;
	readonly isMainFrame: boolean;
}

/** A frame of a page. */
export interface FramePort {
	/** As the browser counts it: `null` for a sandboxed frame, whatever its address says. */
	readonly origin: string;
	/** Null: it is the page itself. */
	readonly parent: object | null;
}

/** The contents of a window. */
export interface GuardedContents {
	/** No other contents of this run of the program has it. */
	readonly id: number;
	getURL(): string;
	setWindowOpenHandler(handler: (details: { readonly url: string }) => { action: "deny" }): void;
	on(
		event: "will-navigate" | "will-redirect" | "will-frame-navigate",
		listener: (event: NavigationEvent) => void,
	): unknown;
	on(event: "will-attach-webview", listener: (event: Preventable) => void): unknown;
}

/** A file about to be written. */
export interface DownloadPort {
	/** Address of the file; of one the page made itself a `blob:` of its origin. */
	getURL(): string;
	/** Name it wants, without folders. */
	getFilename(): string;
	setSaveDialogOptions(options: { readonly title: string; readonly defaultPath: string }): void;
	getSavePath(): string;
	once(event: "done", listener: (event: unknown, state: "completed" | "cancelled" | "interrupted") => void): unknown;
}

/** Where the pages' permissions and files go through. */
export interface GuardedSession {
	setPermissionRequestHandler(
		handler: (
			contents: GuardedContents,
			permission: string,
			callback: (isGranted: boolean) => void,
			details: { readonly isMainFrame: boolean; readonly requestingUrl: string },
		) => void,
	): void;
	setPermissionCheckHandler(
		handler: (
			contents: GuardedContents | null,
			permission: string,
			requestingOrigin: string,
			details: { readonly isMainFrame: boolean },
		) => boolean,
	): void;
	setDevicePermissionHandler(handler: () => boolean): void;
	setDisplayMediaRequestHandler(handler: null): void;
	on(
		event: "will-download",
		listener: (event: Preventable, item: DownloadPort, contents: Pick<GuardedContents, "id">) => void,
	): unknown;
}

/** What the program tells of all its windows. */
export interface GuardedApp {
	on(event: "web-contents-created", listener: (event: unknown, contents: GuardedContents) => void): unknown;
	on(
		event: "certificate-error",
		listener: (
			event: Preventable,
			contents: unknown,
			url: string,
			error: string,
			certificate: unknown,
			callback: (isTrusted: boolean) => void,
		) => void,
	): unknown;
	on(event: "select-client-certificate", listener: (event: Preventable) => void): unknown;
	on(event: "login", listener: (event: Preventable) => void): unknown;
}

/** Who asks over the bridge. */
export interface IpcEvent {
	readonly sender: { readonly id: number };
	/** Null: the frame is gone. */
	readonly senderFrame: FramePort | null;
}

/** The main process' end of the bridge. */
export interface IpcPort {
	handle(channel: string, listener: (event: IpcEvent, ...values: unknown[]) => unknown): void;
	on(channel: string, listener: (event: IpcEvent, ...values: unknown[]) => void): unknown;
}

/** Opens what is not ours in the user's browser. */
export interface ExternalPort {
	openExternal(address: string): Promise<void>;
}
