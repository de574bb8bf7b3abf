/**
 * Electron's app as a program of a few rooms needs it: it becomes ready, is quit in Electron's order of events, and remembers what was
 * set. A second start of the program, files and links that are opened are played by a test.
 */
import { EventEmitter } from "node:events";
import { isDeepStrictEqual } from "node:util";
import type { LoginItemSettings, LoginItemSettingsOptions, Settings } from "electron";
import type { FakeMenu } from "./fake-menu.ts";

/** How far the program is. */
type AppPhase = "starting" | "ready" | "quit";

/** What a test says of the computer the program runs on. */
export interface FakeAppOptions {
	readonly isPackaged?: boolean;
	readonly version?: string;
	/** By Electron's names, e.g. `home`, `userData`. */
	readonly paths?: Readonly<Record<string, string>>;
	/** Another one of us runs already. */
	readonly isSecond?: boolean;
	/** What macOS says of a login item: whether the user has to approve of it. */
	readonly needsApproval?: boolean;
	/** Windows: the user switched the item off in the Task Manager. */
	readonly isSwitchedOff?: boolean;
	/** macOS: the session's start has started us. */
	readonly wasOpenedAtLogin?: boolean;
}

/** The icon in the Dock. */
class FakeDock {
	/** What its other mouse button opens, beside the system's own items. */
	menu: FakeMenu | null = null;

	setMenu(menu: FakeMenu): void {
		this.menu = menu;
	}
}

/** The fake. */
export class FakeApp extends EventEmitter {
	phase: AppPhase = "starting";
	exitCode: number | null = null;
	/** It starts again once it has quit. */
	willRelaunch = false;
	readonly name = "Nightshift";
	readonly isPackaged: boolean;
	/** Schemes whose links open us. */
	readonly protocols = new Set<string>();
	activationPolicy: "regular" | "accessory" | "prohibited" = "regular";
	userModelId: string | null = null;
	toastActivator: string | null = null;
	readonly dock = new FakeDock();
	readonly #options: FakeAppOptions;
	readonly #paths: Map<string, string>;
	readonly #ready = Promise.withResolvers<void>();
	#holdsLock = false;
	#login: Settings = {};

	constructor(options: FakeAppOptions = {}) {
		super();
		this.#options = options;
		this.#paths = new Map(Object.entries(options.paths ?? {}));
		this.isPackaged = options.isPackaged ?? true;
	}

	getVersion(): string {
		return this.#options.version ?? "1.0.0";
	}

	getName(): string {
		return this.name;
	}

	setPath(name: string, path: string): void {
		this.#paths.set(name, path);
	}

	getPath(name: string): string {
		const path = this.#paths.get(name);
		if (path === undefined) throw new Error(`Failed to get '${name}' path`);
		return path;
	}

	isReady(): boolean {
		return this.phase !== "starting";
	}

	whenReady(): Promise<void> {
		return this.#ready.promise;
	}

	/** Electron has started. */
	becomeReady(): void {
		this.phase = "ready";
		this.emit("will-finish-launching");
		this.emit("ready", {}, {});
		this.#ready.resolve();
	}

	requestSingleInstanceLock(_additionalData?: Record<string, unknown>): boolean {
		this.#holdsLock = this.#options.isSecond !== true;
		return this.#holdsLock;
	}

	hasSingleInstanceLock(): boolean {
		return this.#holdsLock;
	}

	/** Somebody starts the program again; Chromium changes the order of its arguments and adds switches to them. */
	startAgain(additionalData: unknown, cwd = "/"): void {
		this.emit("second-instance", {}, ["/opt/nightshift", "--ozone-platform=wayland"], cwd, additionalData);
	}

	/** macOS opens a file with us; answers whether we took it. */
	openFile(path: string): boolean {
		return this.#emitPreventable("open-file", path);
	}

	/** macOS opens a link of ours; answers whether we took it. */
	openUrl(url: string): boolean {
		return this.#emitPreventable("open-url", url);
	}

	/** Asks everybody, and ends unless somebody objects. */
	quit(): void {
		if (this.phase === "quit" || this.#emitPreventable("before-quit")) return;
		if (this.#emitPreventable("will-quit")) return;
		this.#end(0);
	}

	/** Ends without asking anybody. */
	exit(exitCode = 0): void {
		if (this.phase !== "quit") this.#end(exitCode);
	}

	relaunch(): void {
		this.willRelaunch = true;
	}

	setLoginItemSettings(settings: Settings): void {
		this.#login = settings;
	}

	/** As Windows does it: with other arguments than those that were set, nothing is found. */
	getLoginItemSettings(options: LoginItemSettingsOptions = {}): LoginItemSettings {
		const isSet = this.#login.openAtLogin === true;
		const needsApproval = this.#options.needsApproval === true;
		return {
			openAtLogin: isSet && !needsApproval && isDeepStrictEqual(options.args ?? [], this.#login.args ?? []),
			wasOpenedAtLogin: this.#options.wasOpenedAtLogin === true,
			status: isSet ? (needsApproval ? "requires-approval" : "enabled") : "not-registered",
			executableWillLaunchAtLogin: isSet && this.#options.isSwitchedOff !== true,
			launchItems: [],
		};
	}

	setAsDefaultProtocolClient(protocol: string): boolean {
		this.protocols.add(protocol);
		return true;
	}

	removeAsDefaultProtocolClient(protocol: string): boolean {
		return this.protocols.delete(protocol);
	}

	setActivationPolicy(policy: FakeApp["activationPolicy"]): void {
		this.activationPolicy = policy;
	}

	/** Comes to the front. */
	focus(_options?: { readonly steal: boolean }): void {}

	setAppUserModelId(id: string): void {
		this.userModelId = id;
	}

	setToastActivatorCLSID(id: string): void {
		this.toastActivator = id;
	}

	#end(exitCode: number): void {
		this.phase = "quit";
		this.exitCode = exitCode;
		this.emit("quit", {}, exitCode);
	}

	/** Answers whether a listener called it off. */
	#emitPreventable(event: string, ...details: readonly unknown[]): boolean {
		let isPrevented = false;
		const preventDefault = (): void => {
			isPrevented = true;
		};
		this.emit(event, { preventDefault }, ...details);
		return isPrevented;
	}
}
