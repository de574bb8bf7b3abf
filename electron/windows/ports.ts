/** What of Electron's windows and screens this room needs; the real objects fit as they are. */
import type { BrowserWindowConstructorOptions, Rectangle } from "electron";
import type { Preventable } from "../base/base.ts";
import type { GuardedContents, NavigationEvent } from "../security/ports.ts";
import type { DisplayShape } from "./placement.ts";

/** What can be done where somebody pointed. */
export interface PointedAt {
	readonly isEditable: boolean;
	readonly selectionText: string;
	readonly editFlags: {
		readonly canCut: boolean;
		readonly canCopy: boolean;
		readonly canPaste: boolean;
		readonly canSelectAll: boolean;
	};
}

/** A page in a window. */
export interface ContentsPort extends GuardedContents {
	loadURL(address: string): Promise<void>;
	loadFile(path: string, options: { readonly query: Record<string, string> }): Promise<void>;
	isDestroyed(): boolean;
	/** Ends its process; `render-process-gone` follows. */
	forcefullyCrashRenderer(): void;
	on(event: "did-finish-load", listener: () => void): unknown;
	on(event: "context-menu", listener: (event: unknown, pointedAt: PointedAt) => void): unknown;
	on(
		event: "did-fail-load",
		listener: (event: unknown, errorCode: number, description: string, address: string, isMainFrame: boolean) => void,
	): unknown;
	on(event: "did-navigate-in-page", listener: (event: unknown, address: string, isMainFrame: boolean) => void): unknown;
	on(
		event: "render-process-gone",
		listener: (event: unknown, details: { readonly reason: string; readonly exitCode: number }) => void,
	): unknown;
	on(
		event: "before-input-event",
		listener: (event: Preventable, input: { readonly type: string; readonly key: string }) => void,
	): unknown;
	on(
		event: "will-navigate" | "will-redirect" | "will-frame-navigate",
		listener: (event: NavigationEvent) => void,
	): unknown;
	on(event: "will-attach-webview", listener: (event: Preventable) => void): unknown;
}

/** A window. */
export interface WindowPort {
	readonly webContents: ContentsPort;
	show(): void;
	hide(): void;
	focus(): void;
	/** Closes it as the user would: it may be refused. */
	close(): void;
	destroy(): void;
	isDestroyed(): boolean;
	isVisible(): boolean;
	isFocused(): boolean;
	isMinimized(): boolean;
	restore(): void;
	isMaximized(): boolean;
	maximize(): void;
	/** Where it is when it is neither maximised nor minimised. */
	getNormalBounds(): Rectangle;
	setBounds(bounds: Rectangle): void;
	setBackgroundColor(color: string): void;
	/** From 0 to 1; below 0: none. */
	setProgressBar(fraction: number, options: { readonly mode: "none" | "normal" | "indeterminate" | "paused" }): void;
	setVisibleOnAllWorkspaces(
		isVisible: boolean,
		options: { readonly visibleOnFullScreen: boolean; readonly skipTransformProcessType: boolean },
	): void;
	on(event: "close", listener: (event: Preventable) => void): unknown;
	on(
		event: "closed" | "blur" | "session-end" | "ready-to-show" | "unresponsive" | "responsive" | "resize" | "move",
		listener: () => void,
	): unknown;
}

/** Makes a window. */
export type CreateWindow = (options: BrowserWindowConstructorOptions) => WindowPort;

/** The screens. */
export interface ScreenPort {
	getAllDisplays(): readonly DisplayShape[];
	getPrimaryDisplay(): DisplayShape;
	getDisplayMatching(bounds: Rectangle): DisplayShape;
	on(event: "display-metrics-changed" | "display-added" | "display-removed", listener: () => void): unknown;
}

/** Light or dark. */
export interface ThemePort {
	readonly shouldUseDarkColors: boolean;
	on(event: "updated", listener: () => void): unknown;
}

/** How the program stands with the Dock; only macOS has one. */
export interface DockPort {
	setActivationPolicy(policy: "regular" | "accessory"): void;
	focus(options: { readonly steal: boolean }): void;
}
