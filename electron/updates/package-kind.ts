/** Whether the copy that runs can be replaced by itself at all. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Platform } from "../base/base.ts";
import { updatesWords } from "../words/updates.ts";

/** Where and how the program was put on this computer. */
export interface Installation {
	readonly platform: Platform;
	readonly isPackaged: boolean;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly execPath: string;
	/** What electron-builder wrote into `resources/package-type` of Linux packages; null: there is none. */
	readonly packageType: string | null;
}

/** Packages of Linux that electron-updater installs, by the names it writes; the system asks for the password. */
const linuxPackages: readonly (string | null)[] = ["deb", "rpm", "pacman"];

/** Why there are no updates for this copy, in words; null: there are. */
export function whyNoUpdates({
	platform,
	isPackaged,
	environment,
	execPath,
	packageType,
}: Installation): string | null {
	const words = updatesWords.off;
	if (!isPackaged) return words.development;
	switch (platform) {
		case "win32":
			return environment.PORTABLE_EXECUTABLE_DIR === undefined ? null : words.portable;
		case "darwin":
			// A program run from its disk image, or from the read-only copy that macOS makes of a download.
			return execPath.includes("/AppTranslocation/") || execPath.startsWith("/Volumes/") ? words.moved : null;
		case "linux":
			if (environment.SNAP !== undefined || environment.FLATPAK_ID !== undefined) return words.store;
			return environment.APPIMAGE !== undefined || linuxPackages.includes(packageType) ? null : words.unknown;
		default:
			return platform satisfies never;
	}
}

/** What a Linux package says it is, in the folder of Electron's resources; null: nothing. */
export function readPackageType(resourcesPath: string): string | null {
	try {
		return readFileSync(join(resourcesPath, "package-type"), "utf8").trim();
	} catch {
		return null;
	}
}
