/** A notification in the options of the system that shows it. Pure. */
import type { NotificationConstructorOptions } from "electron";
import type { Platform } from "../base/base.ts";
import { notificationWords } from "../words/notifications.ts";
import type { Card } from "./card.ts";

/** All of ours stand together, apart from other programs'. */
const GROUP = "nightshift";

/** What Electron is told. What a system does not know is left out rather than left to it. */
export function optionsFor(card: Card, platform: Platform): NotificationConstructorOptions {
	const { title, body } = card;
	switch (platform) {
		case "win32":
			return {
				...{ title, body, id: card.tag, groupId: GROUP, groupTitle: "Nightshift" },
				...lasting(card),
				// Windows lets a notification stay only where something can be pressed.
				actions: [{ type: "button", text: notificationWords.look }],
			};
		case "darwin":
			return {
				...{ title, body, id: card.tag, groupId: GROUP },
				actions: [{ type: "button", text: notificationWords.look }],
			};
		case "linux":
			return { title, body, ...lasting(card) };
		default:
			return platform satisfies never;
	}
}

/** Never `critical`: that breaks through "do not disturb", which nothing of ours is worth at night. */
function lasting({ stays }: Card): Pick<NotificationConstructorOptions, "timeoutType" | "urgency"> {
	return stays ? { timeoutType: "never", urgency: "normal" } : { timeoutType: "default", urgency: "low" };
}

/** Whether a system puts a notification in the place of the one with its id; where not, the old one has to be closed. */
export function replacesById(platform: Platform): boolean {
	return platform !== "linux";
}
