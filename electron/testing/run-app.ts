/** Runs the compiled app in plain Node with the fake Electron and the real service, on a folder of its own. */
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { createProcessTrees } from "../service/process-tree.ts";
import { workAlways } from "../smoke.ts";
import { type Deed, type Seen, seenSchema } from "./user.ts";

const repositoryDir = fileURLToPath(new URL("../..", import.meta.url));
const compiled = (path: string): string => join(repositoryDir, "dist", "electron", path);

/** The version that runs. */
export const version = "1.0.0";

/** The app, with somebody before it. */
export interface RunningApp {
	readonly dataDir: string;
	/** Does something, and tells what is seen then. Rejects where it can't be done. */
	act(deed: Deed): Promise<Seen>;
	/** What is seen now. */
	look(): Promise<Seen>;
	/** Its processes: itself, the service, inference. */
	pids(): Promise<readonly number[]>;
	/** Exit code of the app. */
	readonly ended: Promise<number | null>;
	/** What it has printed. */
	output(): string;
	/** Kills what is left and removes the folder. */
	remove(): Promise<void>;
}

/** How it is started. */
export interface RunOptions {
	/** What was chosen before, as in settings.json. */
	readonly settings?: object;
	readonly argv?: readonly string[];
	/** The folder with `dist/`: a package's archive taken apart; by default the repository. */
	readonly programDir?: string;
}

/** Compiles shell and service; nothing is done where nothing changed. */
export function compileApp(): void {
	const tsc = join(repositoryDir, "node_modules", "typescript", "bin", "tsc");
	const { status, stdout } = spawnSync(process.execPath, [tsc, "-b", "electron", "native"], {
		cwd: repositoryDir,
		encoding: "utf8",
	});
	if (status !== 0) throw new Error(stdout);
}

/** Starts it. Work runs whatever this computer does. */
export function runApp({ settings = {}, argv = [], programDir = repositoryDir }: RunOptions = {}): RunningApp {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-app-"));
	const dataDir = join(folder, "home");
	mkdirSync(dataDir);
	writeFileSync(join(dataDir, "settings.json"), JSON.stringify({ ...workAlways, ...settings }));
	const paths = Object.fromEntries(
		["userData", "logs", "documents", "downloads", "home", "appData"].map((name) => [name, join(folder, name)]),
	);
	const child = fork(join(programDir, "dist", "electron", "main.js"), argv, {
		cwd: folder,
		execArgv: ["--import", compiled("testing/replace-electron.js")],
		stdio: ["ignore", "pipe", "pipe", "ipc"],
		env: {
			...process.env,
			NIGHTSHIFT_HOME: dataDir,
			// A package that electron-updater could replace.
			APPIMAGE: join(folder, "Nightshift.AppImage"),
			TEST_ELECTRON: JSON.stringify({ isPackaged: true, version, paths }),
		},
	});
	let printed = "";
	for (const stream of [child.stdout, child.stderr]) stream?.on("data", (piece) => (printed += String(piece)));
	const { promise: ended, resolve } = Promise.withResolvers<number | null>();
	child.once("exit", resolve);
	const trees = createProcessTrees(process.platform);
	const processes = async () => (child.pid === undefined ? [] : trees.of(child.pid));
	const act = createHand(child, ended, () => printed);
	return {
		dataDir,
		act,
		look: () => act({ kind: "look" }),
		pids: async () => (await processes()).map(({ pid }) => pid),
		ended,
		output: () => printed,
		async remove() {
			await trees.kill(await processes());
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

const answerSchema = z.object({ id: z.int(), seen: seenSchema.optional(), error: z.string().optional() });

function createHand(child: ChildProcess, ended: Promise<unknown>, output: () => string): (deed: Deed) => Promise<Seen> {
	const waiting = new Map<number, PromiseWithResolvers<Seen>>();
	let last = 0;
	child.on("message", (message) => {
		const { id, seen, error } = answerSchema.parse(message);
		const asked = waiting.get(id);
		waiting.delete(id);
		if (seen !== undefined) asked?.resolve(seen);
		else asked?.reject(new Error(error));
	});
	void ended.then(() => {
		for (const asked of waiting.values()) asked.reject(new Error(`The app has ended.\n${output()}`));
	});
	return (deed) => {
		last += 1;
		const asked = Promise.withResolvers<Seen>();
		waiting.set(last, asked);
		if (child.connected) child.send({ id: last, deed });
		else asked.reject(new Error(`The app has ended.\n${output()}`));
		return asked.promise;
	};
}
