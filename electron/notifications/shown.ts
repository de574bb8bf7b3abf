/**
 * The notifications that stand on the screen or in the notification centre, each referenced until it is closed: Electron lets events of
 * one that nobody holds get lost.
 */
import type { NotificationConstructorOptions } from "electron";
import type { Platform } from "../base/base.ts";
import { type Card, hashOf } from "./card.ts";
import { optionsFor, replacesById } from "./options.ts";

/** What it needs of Electron's Notification. */
export interface NotificationPort {
	show(): void;
	close(): void;
	on(event: "click" | "action" | "close", listener: () => void): unknown;
	on(event: "failed", listener: (event: unknown, error: string) => void): unknown;
}

/** One that stands in macOS' notification centre since an earlier run. */
export interface StandingPort extends NotificationPort {
	readonly id: string;
}

/** What it is made from. */
export interface ShownDeps {
	readonly platform: Platform;
	readonly create: (options: NotificationConstructorOptions) => NotificationPort;
	readonly onClick: (hash: string) => void;
	readonly onFailed: (reason: string) => void;
}

/** The notifications that stand. */
export interface Shown {
	/** In the place of the one with its tag. */
	show(card: Card): void;
	close(tag: string): void;
	/** Takes over one that an earlier run has shown: its tag is its id. */
	adopt(notification: StandingPort): void;
}

/** Held at once: systems keep about as many of one program; the oldest goes first and is only no longer clickable. */
const MOST_HELD = 32;

/** Makes it; nothing is shown yet. */
export function createShown({ platform, create, onClick, onFailed }: ShownDeps): Shown {
	const held = new Map<string, NotificationPort>();

	function letGo(tag: string, notification: NotificationPort): void {
		if (held.get(tag) === notification) held.delete(tag);
	}

	function close(tag: string): void {
		const notification = held.get(tag);
		held.delete(tag);
		notification?.close();
	}

	function hold(tag: string, hash: string, notification: NotificationPort): void {
		held.set(tag, notification);
		const click = (): void => {
			letGo(tag, notification);
			onClick(hash);
		};
		notification.on("click", click);
		notification.on("action", click);
		notification.on("close", () => {
			// Windows tells this also of one that only moved into its centre, where it can still be clicked.
			if (platform !== "win32") letGo(tag, notification);
		});
		notification.on("failed", (_event, reason) => {
			letGo(tag, notification);
			onFailed(reason);
		});
		const [oldest] = held.keys();
		if (held.size > MOST_HELD && oldest !== undefined) held.delete(oldest);
	}

	return {
		show(card) {
			// Closing one and showing its successor under the same id would race where ids replace by themselves.
			if (replacesById(platform)) held.delete(card.tag);
			else close(card.tag);
			const notification = create(optionsFor(card, platform));
			hold(card.tag, card.hash, notification);
			notification.show();
		},
		close,
		adopt(notification) {
			if (!held.has(notification.id)) hold(notification.id, hashOf(notification.id), notification);
		},
	};
}
