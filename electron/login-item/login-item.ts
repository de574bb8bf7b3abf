/**
 * Has the program start with the user's session, as the setting `desktop.startAtLogin` says. Owns the login item of macOS and Windows and
 * the autostart file of Linux, and what a start by them looks like. Must never start anything but this program, nor bring back what the
 * user removed by the system's own means: only a change of the setting does that. At each start the file of Linux is mended where an update
 * has moved the program.
 */
import type { App, LoginItemSettings } from "electron";
import type { Platform } from "../base/base.ts";
import type { Memory } from "../memory/memory.ts";
import type { ServiceLink } from "../service/link.ts";
import { loginItemWords } from "../words/login-item.ts";
import { autostartPath, isSwitchedOn, keepFile } from "./autostart-file.ts";
import { autostartEntry } from "./desktop-entry.ts";

/** What it needs of Electron's app. */
export type LoginItemAppPort = Pick<App, "isPackaged" | "getLoginItemSettings" | "setLoginItemSettings" | "getPath">;

/** What it is made from. */
export interface LoginItemDeps {
	readonly app: LoginItemAppPort;
	readonly link: Pick<ServiceLink, "state" | "watch">;
	readonly memory: Pick<Memory, "current" | "remember">;
	readonly platform: Platform;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly execPath: string;
	/** Why it does not start by itself though it should, in words for people; null: all is well. Called when that changes. */
	readonly onProblem: (message: string | null) => void;
}

/** The login item. */
export interface LoginItem {
	/** Resolves when what was chosen so far has been done. */
	settle(): Promise<void>;
	stop(): void;
}

/** A start with this shows no window. */
const HIDDEN_ARGUMENT = "--hidden";
const loginArguments = [HIDDEN_ARGUMENT];

/** Whether this start is to show no window: by our own argument, or, on macOS, because the session's start has started us. */
export function wasStartedHidden(
	argv: readonly string[],
	{ wasOpenedAtLogin }: Pick<LoginItemSettings, "wasOpenedAtLogin">,
): boolean {
	return argv.includes(HIDDEN_ARGUMENT) || wasOpenedAtLogin;
}

/** Begins to see to it; does nothing before the settings are known. */
export function createLoginItem(deps: LoginItemDeps): LoginItem {
	const { link, app, memory } = deps;
	let chosen: boolean | null = null;
	let problem: string | null = null;
	let last: Promise<void> = Promise.resolve();

	async function apply(isOn: boolean): Promise<void> {
		const isNew = memory.current.startsAtLogin !== isOn;
		const found = await arrange(deps, { isOn, isNew });
		if (found === null) memory.remember({ startsAtLogin: isOn });
		if (found === problem) return;
		problem = found;
		deps.onProblem(found);
	}

	function follow(): void {
		const wanted = link.state.settings?.desktop.startAtLogin ?? null;
		if (wanted === null || wanted === chosen) return;
		chosen = wanted;
		last = last.then(() => apply(wanted));
	}

	// In development it would be Electron itself that starts with the session, and what an installed copy set would be undone.
	const stop = app.isPackaged ? link.watch(follow) : () => {};
	if (app.isPackaged) follow();
	return { settle: () => last, stop };
}

/** What is wanted of the login item. */
interface Wish {
	readonly isOn: boolean;
	/** It was not so when the program ran last: somebody has just chosen it, or never chose anything. */
	readonly isNew: boolean;
}

/** Answers why it is not so, in words; null: it is. */
async function arrange(deps: LoginItemDeps, wish: Wish): Promise<string | null> {
	switch (deps.platform) {
		case "darwin":
		case "win32":
			return arrangeWithSystem(deps, wish);
		case "linux":
			return arrangeFile(deps, wish);
		default:
			return deps.platform satisfies never;
	}
}

function arrangeWithSystem({ app, platform }: LoginItemDeps, { isOn, isNew }: Wish): string | null {
	if (isNew) app.setLoginItemSettings({ openAtLogin: isOn, args: loginArguments });
	if (!isOn) return null;
	// Read with the same arguments as written, or Windows finds another entry than ours.
	const { status, openAtLogin, executableWillLaunchAtLogin } = app.getLoginItemSettings({ args: loginArguments });
	if (platform === "darwin" && status === "requires-approval") return loginItemWords.requiresApproval;
	if (!openAtLogin) return loginItemWords.removedElsewhere;
	return platform === "win32" && !executableWillLaunchAtLogin ? loginItemWords.switchedOff : null;
}

async function arrangeFile(deps: LoginItemDeps, { isOn, isNew }: Wish): Promise<string | null> {
	const { environment, execPath, app } = deps;
	if (!isOn && !isNew) return null;
	const path = autostartPath(environment, app.getPath("home"));
	// An AppImage runs from a mount that is gone after it; the file itself is what starts.
	const entry = isOn ? autostartEntry([environment.APPIMAGE ?? execPath, ...loginArguments]) : null;
	if (isOn && entry === null) return loginItemWords.notWritten("its path has a line break in it");
	if (!isNew && !(await isSwitchedOn(path))) return loginItemWords.removedElsewhere;
	const fault = await keepFile(path, entry);
	return fault === null ? null : loginItemWords.notWritten(fault);
}
