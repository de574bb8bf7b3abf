/**
 * What pages in our windows may do: stay on the service's own pages, copy to the clipboard, save files of the service, and nothing
 * else. Owns every refusal; must never know what a page shows.
 */
import { basename, join } from "node:path";
import type { WebPreferences } from "electron";
import type { ShellLog } from "../log.ts";
import { externalAddress, isOfFile, isOfOrigin } from "./addresses.ts";
import type { ExternalPort, GuardedApp, GuardedContents, GuardedSession, NavigationEvent } from "./ports.ts";

/** What the guards need. */
export interface GuardDeps {
	/** Origin of the service's pages now, e.g. `http://127.0.0.1:22007`; null while it has none. */
	readonly origin: () => string | null;
	/** File of the page that is shown while the service is down. */
	readonly downPage: string;
	readonly external: ExternalPort;
	readonly log: ShellLog;
	readonly downloads: DownloadDeps;
}

/** Where files are saved. */
export interface DownloadDeps {
	/** The folder the dialog begins in. */
	folder(): string;
	/** A file was saved there, for the next time. */
	savedAt(path: string): void;
	/** Title of the dialog. */
	readonly title: string;
}

/**
 * How every page of ours is run. Most are Electron's own defaults; they are stated so that no later default and no careless line
 * elsewhere changes them.
 */
export function pagePreferences(preload: string, isPackaged: boolean): WebPreferences {
	return {
		preload,
		sandbox: true,
		contextIsolation: true,
		nodeIntegration: false,
		nodeIntegrationInWorker: false,
		nodeIntegrationInSubFrames: false,
		webSecurity: true,
		allowRunningInsecureContent: false,
		experimentalFeatures: false,
		webviewTag: false,
		navigateOnDragDrop: false,
		safeDialogs: true,
		// Chromium fetches its dictionaries from Google's servers; nothing of a page leaves this machine.
		spellcheck: false,
		devTools: !isPackaged,
	};
}

/** Guards every window the program ever makes. Call it before the first one is made. */
export function guardApp(app: GuardedApp, session: GuardedSession, deps: GuardDeps): void {
	app.on("web-contents-created", (_event, contents) => guardContents(contents, deps));
	app.on("certificate-error", (event, _contents, url, error, _certificate, callback) => {
		// Our own pages have no certificate, so there is none to make an exception for.
		event.preventDefault();
		callback(false);
		deps.log.warn({ url, error }, "a certificate was refused");
	});
	// Nobody has a reason to ask the user for a certificate or a password in a window of ours.
	app.on("select-client-certificate", (event) => event.preventDefault());
	app.on("login", (event) => event.preventDefault());
	guardSession(session, deps);
}

function guardContents(contents: GuardedContents, { origin, downPage, external, log }: GuardDeps): void {
	const refuse = (event: NavigationEvent) => {
		event.preventDefault();
		log.warn({ address: withoutSecrets(event.url) }, "a page was kept from going elsewhere");
	};
	const keepHome = (event: NavigationEvent) => {
		if (isOfOrigin(event.url, origin())) return;
		// The page of a service that is down may lead to itself; a page of the service may not lead to a file.
		if (isOfFile(event.url, downPage) && isOfFile(contents.getURL(), downPage)) return;
		refuse(event);
	};
	contents.on("will-navigate", keepHome);
	contents.on("will-redirect", keepHome);
	contents.on("will-frame-navigate", (event) => {
		// Our pages have no frames; those of the page itself come by `will-navigate`.
		if (!event.isMainFrame) refuse(event);
	});
	contents.on("will-attach-webview", (event) => event.preventDefault());
	contents.setWindowOpenHandler(({ url }) => {
		const address = externalAddress(url);
		if (address === null) log.warn({ address: withoutSecrets(url) }, "an address was not opened");
		// Where no browser is set up there is nothing to be done about it here.
		else
			external.openExternal(address).catch((error: unknown) => log.warn({ error: String(error) }, "no browser opened"));
		return { action: "deny" };
	});
}

/** Copying is all a page may do beyond showing itself. */
const GRANTED = "clipboard-sanitized-write";

function guardSession(session: GuardedSession, { origin, downloads, log }: GuardDeps): void {
	session.setPermissionRequestHandler((_contents, permission, callback, { isMainFrame, requestingUrl }) => {
		callback(permission === GRANTED && isMainFrame && isOfOrigin(requestingUrl, origin()));
	});
	// Some parts of the web ask this one only, and never the one above.
	session.setPermissionCheckHandler(
		(_contents, permission, requestingOrigin, { isMainFrame }) =>
			permission === GRANTED && isMainFrame && isOfOrigin(requestingOrigin, origin()),
	);
	session.setDevicePermissionHandler(() => false);
	session.setDisplayMediaRequestHandler(null);
	session.on("will-download", (event, item) => {
		if (!isOfOrigin(item.getURL(), origin())) {
			event.preventDefault();
			log.warn({ address: withoutSecrets(item.getURL()) }, "a file from elsewhere was not saved");
			return;
		}
		const defaultPath = join(downloads.folder(), basename(item.getFilename()));
		item.setSaveDialogOptions({ title: downloads.title, defaultPath });
		item.once("done", (_event, state) => {
			if (state === "completed") downloads.savedAt(item.getSavePath());
		});
	});
}

/** An address without what is behind `?` and `#`, where sign-in codes and words of people are. */
function withoutSecrets(address: string): string {
	const parsed = URL.parse(address);
	// Addresses such as `data:` and `blob:` are their own content.
	return parsed === null || parsed.origin === "null"
		? (parsed?.protocol ?? "unreadable")
		: `${parsed.origin}${parsed.pathname}`;
}
