/** What updates need of electron-updater. */
import type { AppUpdater } from "electron-updater";
import type { SettingsValues } from "../../native/contract/contract.ts";
import { updatesWords } from "../words/updates.ts";
import type { UpdateEvent } from "./states.ts";

/** What the owner wants of updates. */
export type UpdateWishes = SettingsValues["updates"];

/** Longest text of a failure: the package adds stacks and whole answers of servers. */
const MOST_FAILURE_LENGTH = 200;

/** Its `AppUpdater`, as far as we use it. */
export interface UpdaterPort
	extends Pick<
		AppUpdater,
		| "autoDownload"
		| "autoInstallOnAppQuit"
		| "disableWebInstaller"
		| "allowDowngrade"
		| "channel"
		| "checkForUpdates"
		| "downloadUpdate"
		| "quitAndInstall"
	> {
	on(event: "download-progress", listener: (info: { readonly percent: number }) => void): unknown;
	on(event: "update-downloaded", listener: (info: { readonly version: string }) => void): unknown;
	on(event: "error", listener: (error: Error) => void): unknown;
}

/** Sets what never changes, so that nothing depends on the package's own defaults. */
export function prepareUpdater(updater: UpdaterPort): void {
	// When is ours to say, by the owner's setting.
	updater.autoDownload = false;
	// Installing while Windows shuts down can leave an empty folder (electron-builder#7807); so only when somebody says so.
	updater.autoInstallOnAppQuit = false;
	// Web installers may come unsigned; ours is none.
	updater.disableWebInstaller = true;
}

/** Hears of downloads and of what goes wrong; without a listener an `error` would be thrown. */
export function listenTo(
	updater: UpdaterPort,
	{ happen, fail }: { readonly happen: (event: UpdateEvent) => void; readonly fail: (error: Error) => void },
): void {
	updater.on("download-progress", ({ percent }) => happen({ kind: "progress", fraction: percent / 100 }));
	updater.on("update-downloaded", ({ version }) => happen({ kind: "downloaded", version }));
	updater.on("error", fail);
}

/** Chooses what is offered. */
export function setChannel(updater: UpdaterPort, channel: "latest" | "beta"): void {
	updater.channel = channel;
	// Setting the channel allows going back. Who leaves the beta waits for the next version: an older one can't read newer data.
	updater.allowDowngrade = false;
}

/** Looks for a new version. */
export async function checkNow(updater: UpdaterPort, { download }: UpdateWishes): Promise<UpdateEvent> {
	try {
		const result = await updater.checkForUpdates();
		if (result?.isUpdateAvailable !== true) return { kind: "none" };
		return { kind: "found", version: result.updateInfo.version, mayDownload: download };
	} catch (error) {
		return failure(error);
	}
}

/** A failure of the updater in one line. */
export function failure(error: unknown): UpdateEvent {
	const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
	return { kind: "failed", message: line === "" ? updatesWords.noReason : line.slice(0, MOST_FAILURE_LENGTH) };
}
