/**
 * The shell's side of `window.shell`: files the user chooses, files shown in the file manager, the popover put away. Owns the verbs;
 * must never read or write a file for a page. The service does that, by its own rules.
 */
import { existsSync } from "node:fs";
import { dirname, posix, win32 } from "node:path";
import type { OpenDialogOptions } from "electron";
import type { Platform } from "../base/base.ts";
import type { ShellLog } from "../log.ts";
import type { Memory } from "../memory/memory.ts";
import type { TrustedIpc } from "../security/trusted-ipc.ts";
import { windowWords } from "../words/windows.ts";
import { channels, chosenKindSchema, revealedPathSchema } from "./channels.ts";

/** The window a dialog belongs to. */
export interface DialogParent {
	isDestroyed(): boolean;
}

/** Asks the user for files. */
export interface OpenDialogPort {
	showOpenDialog(parent: DialogParent, options: OpenDialogOptions): Promise<OpenDialogAnswer>;
	showOpenDialog(options: OpenDialogOptions): Promise<OpenDialogAnswer>;
}

/** What the user chose. */
export interface OpenDialogAnswer {
	readonly canceled: boolean;
	readonly filePaths: string[];
}

/** What the verbs need. */
export interface BridgeDeps {
	readonly platform: Platform;
	readonly ipc: TrustedIpc;
	readonly dialog: OpenDialogPort;
	readonly fileManager: { showItemInFolder(path: string): void };
	readonly memory: Memory;
	/** The window with these contents; null: there is none, or nobody asked from a window. */
	readonly windowOf: (contentsId: number) => DialogParent | null;
	readonly popover: { hide(): void; keepOpenDuring<Value>(work: () => Promise<Value>): Promise<Value> };
	/** Folder dialogs begin in while nothing was ever chosen. */
	readonly firstFolder: string;
	readonly log: ShellLog;
}

/** What the rest of the shell may use of it. */
export interface Bridge {
	/** Asks the user for batch files or a folder, as the page can; for the tray's menu. None: they thought better of it. */
	chooseFiles(kind: "files" | "folder", parent: DialogParent | null): Promise<readonly string[]>;
}

/** Endings of files the service can read (native/jobs/formats). Anything else can be chosen too: endings are habit. */
const batchFileEndings = ["jsonl", "ndjson", "json", "csv", "tsv", "txt"];

/** Answers the page's calls from now on. */
export function createBridge(deps: BridgeDeps): Bridge {
	const { ipc, windowOf, popover, fileManager, platform, log } = deps;
	/** The dialog that is open. */
	let asking: Promise<readonly string[]> | null = null;

	const bridge: Bridge = {
		async chooseFiles(kind, parent) {
			// One at a time: a page that asks in a loop must not bury the desk under dialogs.
			if (asking !== null) return [];
			asking = popover.keepOpenDuring(() => ask(deps, kind, parent));
			try {
				return await asking;
			} finally {
				asking = null;
			}
		},
	};
	ipc.handle(channels.chooseFiles, chosenKindSchema, (kind, senderId) => bridge.chooseFiles(kind, windowOf(senderId)));
	ipc.handle(channels.revealInFolder, revealedPathSchema, (path) => {
		if (isLocalPath(path, platform) && existsSync(path)) fileManager.showItemInFolder(path);
		else log.warn({}, "a file that is not there was to be shown");
	});
	ipc.listen(channels.closePopover, () => popover.hide());
	return bridge;
}

async function ask(
	{ dialog, memory, firstFolder, platform }: BridgeDeps,
	kind: "files" | "folder",
	parent: DialogParent | null,
): Promise<readonly string[]> {
	const options = dialogOptions(kind, startFolder(memory, firstFolder), platform);
	const { canceled, filePaths } =
		parent === null || parent.isDestroyed()
			? await dialog.showOpenDialog(options)
			: await dialog.showOpenDialog(parent, options);
	const [first] = filePaths;
	if (canceled || first === undefined) return [];
	memory.remember({ lastFolder: kind === "folder" ? first : dirname(first) });
	return filePaths;
}

/** The folder dialogs begin in: where something was chosen last, if it is still there. Electron's no longer remember it. */
export function startFolder(memory: Pick<Memory, "current">, firstFolder: string): string {
	const { lastFolder } = memory.current;
	return lastFolder !== null && existsSync(lastFolder) ? lastFolder : firstFolder;
}

function dialogOptions(
	kind: "files" | "folder",
	defaultPath: string,
	platform: BridgeDeps["platform"],
): OpenDialogOptions {
	if (kind === "folder") {
		return {
			title: windowWords.chooseFolder,
			buttonLabel: windowWords.choose,
			defaultPath,
			properties: ["openDirectory"],
		};
	}
	return {
		title: windowWords.chooseFiles,
		buttonLabel: windowWords.choose,
		defaultPath,
		properties: ["openFile", "multiSelections"],
		// The dialogs of macOS grey out what does not fit, and let nobody choose another filter without looking for it.
		...(platform === "darwin"
			? {}
			: {
					filters: [
						{ name: windowWords.batchFiles, extensions: batchFileEndings },
						{ name: windowWords.allFiles, extensions: ["*"] },
					],
				}),
	};
}

/**
 * Absolute, and on a disk of this machine: merely to look for `\\server\share` has Windows sign in there with the user's name and a
 * digest of their password.
 */
export function isLocalPath(path: string, platform: BridgeDeps["platform"]): boolean {
	if (path.includes("\0")) return false;
	if (platform !== "win32") return posix.isAbsolute(path);
	return /^[a-z]:[\\/]/i.test(path) && win32.isAbsolute(path);
}
