/** Runs a packed app once, by itself, and tells how it ended. Owns the process and its children until they are gone. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** How long what an ended process printed may take through a pipe. */
const LAST_WORDS_MS = 2_000;

/** How an app ended. */
export type AppEnd =
	| { readonly kind: "exit"; readonly code: number }
	| { readonly kind: "signal"; readonly signal: string }
	| { readonly kind: "timeout" }
	| { readonly kind: "not-started"; readonly message: string };

/** How it is run. */
export interface AppRun {
	readonly executable: string;
	readonly args: readonly string[];
	readonly environment: NodeJS.ProcessEnv;
	/** After that it is killed, with all it started. */
	readonly timeoutMs: number;
	/** Hears what it prints, as it comes. */
	readonly print: (text: string) => void;
}

/**
 * The program in what electron-builder leaves or an installer installs: a folder, macOS' `.app`, or the program itself; null where
 * there is none.
 */
export function packedExecutable(path: string): string | null {
	if (!existsSync(path)) return null;
	if (statSync(path).isFile()) return path;
	const bundle = path.endsWith(".app")
		? path
		: join(path, readdirSync(path).find((name) => name.endsWith(".app")) ?? "");
	const candidates = [
		join(bundle, "Contents", "MacOS", "Nightshift"),
		join(path, "Nightshift.exe"),
		join(path, "nightshift-desktop"),
	];
	return candidates.find((candidate) => existsSync(candidate)) ?? null;
}

/** Starts it and resolves when it has ended, or was ended. */
export function runApp({ executable, args, environment, timeoutMs, print }: AppRun): Promise<AppEnd> {
	const isWindows = process.platform === "win32";
	// A group of its own, so that what it started can be ended with it.
	const app = spawn(executable, args, { env: environment, detached: !isWindows, stdio: ["ignore", "pipe", "pipe"] });
	for (const stream of [app.stdout, app.stderr]) stream.setEncoding("utf8").on("data", print);
	return new Promise((resolve) => {
		let isLate = false;
		const timer = setTimeout(() => {
			isLate = true;
			if (app.pid !== undefined) killTree(app.pid, isWindows);
		}, timeoutMs);
		app.once("error", (error) => {
			clearTimeout(timer);
			resolve({ kind: "not-started", message: error.message });
		});
		app.once("exit", (code, signal) => {
			clearTimeout(timer);
			const end: AppEnd = code === null ? { kind: "signal", signal: signal ?? "unknown" } : { kind: "exit", code };
			const tell = (): void => resolve(isLate ? { kind: "timeout" } : end);
			// What it printed last is still on its way; but a child left behind would hold the pipes open for ever.
			const pipes = setTimeout(tell, LAST_WORDS_MS);
			app.once("close", () => {
				clearTimeout(pipes);
				tell();
			});
		});
	});
}

function killTree(pid: number, isWindows: boolean): void {
	if (isWindows) spawnSync("taskkill", ["/pid", String(pid), "/T", "/F"]);
	else process.kill(-pid, "SIGKILL");
}
