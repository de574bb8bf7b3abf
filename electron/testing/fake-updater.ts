/** An updater with a server of its own: a test says which version it has and how looking and downloading go. Installing quits the app. */
import { EventEmitter } from "node:events";
import type { UpdateCheckResult, UpdateInfo } from "electron-updater";
import type { UpdaterPort } from "../updates/updates.ts";

/** The fake. */
export class FakeUpdater extends EventEmitter implements UpdaterPort {
	autoDownload = true;
	autoInstallOnAppQuit = true;
	disableWebInstaller = false;
	allowDowngrade = false;
	/** Newest version on the server, by channel. */
	readonly server: Record<string, string> = {};
	/** Why nothing can be asked of the server; null: it answers. */
	failure: string | null = null;
	/** What was installed; null: nothing yet. */
	installed: string | null = null;
	/** Why the installer does not start; null: it does. */
	installFailure: string | null = null;
	/** How often the server was asked. */
	checks = 0;
	readonly #currentVersion: string;
	readonly #quit: () => void;
	#channel: string | null = null;
	#found: string | null = null;
	#downloaded: string | null = null;
	#download: PromiseWithResolvers<string[]> | null = null;

	constructor(currentVersion: string, quit: () => void) {
		super();
		this.#currentVersion = currentVersion;
		this.#quit = quit;
	}

	get channel(): string | null {
		return this.#channel;
	}

	/** As the real one: it allows going back with it. */
	set channel(channel: string | null) {
		this.#channel = channel;
		this.allowDowngrade = true;
	}

	async checkForUpdates(): Promise<UpdateCheckResult | null> {
		this.checks += 1;
		if (this.failure !== null) throw this.#fail(this.failure);
		const version = this.server[this.#channel ?? "latest"] ?? this.#currentVersion;
		const isUpdateAvailable = version !== this.#currentVersion;
		this.#found = isUpdateAvailable ? version : null;
		return { isUpdateAvailable, updateInfo: infoOf(version), versionInfo: infoOf(version) };
	}

	downloadUpdate(): Promise<string[]> {
		if (this.#found === null) throw new Error("Please check update first");
		this.#download = Promise.withResolvers();
		return this.#download.promise;
	}

	/** So many bytes of a hundred have come. */
	progress(percent: number): void {
		this.emit("download-progress", { percent });
	}

	/** All bytes have come and are the right ones. */
	finishDownload(): void {
		this.#downloaded = this.#found;
		this.emit("update-downloaded", infoOf(this.#found ?? ""));
		this.#download?.resolve([]);
	}

	failDownload(message: string): void {
		this.#download?.reject(this.#fail(message));
	}

	quitAndInstall(): void {
		if (this.installFailure !== null) {
			this.#fail(this.installFailure);
			return;
		}
		this.installed = this.#downloaded;
		this.#quit();
	}

	#fail(message: string): Error {
		const error = new Error(message);
		this.emit("error", error);
		return error;
	}
}

function infoOf(version: string): UpdateInfo {
	return { version, files: [], path: "", sha512: "", releaseDate: "2026-11-21T00:00:00.000Z" };
}
