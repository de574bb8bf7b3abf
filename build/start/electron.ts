/** Finds Electron's binary, which npm does not bring, and fetches it once. Must never import electron: that alone would fetch it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Longest wait for some 110 MB on a slow line. */
const FETCH_LIMIT_MS = 20 * 60_000;

/** Where the binary lies in a distribution (electron 45's install.js). */
function executableName(platform: NodeJS.Platform): string {
	switch (platform) {
		case "darwin":
			return "Electron.app/Contents/MacOS/Electron";
		case "win32":
			return "electron.exe";
		default:
			return "electron";
	}
}

/** The binary below an installed package `electron`, or where ELECTRON_OVERRIDE_DIST_PATH says; null where there is none. */
export function findElectron(packageDir: string, environment: NodeJS.ProcessEnv): string | null {
	const distDir = environment.ELECTRON_OVERRIDE_DIST_PATH || join(packageDir, "dist");
	const path = join(distDir, executableName(process.platform));
	return existsSync(path) ? path : null;
}

/** Has the package fetch its binary. What it prints is dropped: where it fails, that is a stack. */
export async function fetchElectron(packageDir: string, environment: NodeJS.ProcessEnv): Promise<void> {
	const child = spawn(process.execPath, [join(packageDir, "install.js")], {
		env: environment,
		stdio: "ignore",
		timeout: FETCH_LIMIT_MS,
	});
	await new Promise<void>((resolve) => child.once("error", () => resolve()).once("exit", () => resolve()));
}
