/** Compiles the preload script as the product has it, and runs it as Electron does: alone, in a world without Node. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createContext, runInContext } from "node:vm";
import type { ShellBridge } from "../../native/contract/contract.ts";
import type { FakeContents } from "./fake-contents.ts";
import type { FakeIpcMain } from "./fake-ipc-main.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Compiles the script into an empty folder and answers the CommonJS that came of it. */
export async function compilePreload(folder: string): Promise<string> {
	const config = {
		extends: join(root, "electron/tsconfig.json"),
		compilerOptions: {
			composite: false,
			incremental: false,
			declaration: false,
			sourceMap: false,
			tsBuildInfoFile: null,
			rootDir: root,
			outDir: folder,
			typeRoots: [join(root, "node_modules/@types")],
		},
		files: [join(root, "electron/preload.cts")],
		include: [],
		references: [],
	};
	const path = join(folder, "tsconfig.json");
	await writeFile(path, JSON.stringify(config));
	await promisify(execFile)(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--project", path]);
	return readFile(join(folder, "electron/preload.cjs"), "utf8");
}

/** The world the script runs in. */
export interface PreloadWorld {
	readonly platform: string;
	readonly ipc: FakeIpcMain;
	/** The window it runs in. */
	readonly contents: FakeContents;
	/** Where files lie that the page has. */
	readonly paths: ReadonlyMap<File, string>;
}

/** Runs the script; answers what it gave the page, by name. */
export function runPreload(
	code: string,
	{ platform, ipc, contents, paths }: PreloadWorld,
): ReadonlyMap<string, ShellBridge> {
	const given = new Map<string, ShellBridge>();
	const electron = {
		contextBridge: {
			exposeInMainWorld: (name: string, value: ShellBridge) => void given.set(name, value),
		},
		ipcRenderer: {
			invoke: (channel: string, ...values: unknown[]) => ipc.invoke(contents, channel, values),
			send: (channel: string, ...values: unknown[]) => ipc.send(contents, channel, values),
		},
		webUtils: { getPathForFile: (file: File) => paths.get(file) ?? "" },
	};
	// What a sandboxed script may require (Electron, docs/tutorial/sandbox.md), less what ours has no use for.
	const require = (name: string) => {
		if (name === "electron") return electron;
		throw new Error(`module not found: ${name}`);
	};
	const module = { exports: {} };
	const context = createContext({ require, process: { platform }, module, exports: module.exports });
	runInContext(
		`(function (require, process, module, exports) { ${code}\n})(require, process, module, exports);`,
		context,
	);
	return given;
}
