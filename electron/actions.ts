/** What is done for a choice in the tray's menu, in the bar or the Dock, or on the page for a service that is down. Owns nothing. */
import type { Shell } from "electron";
import { machineStatusSchema, type RestRequest } from "../native/contract/contract.ts";
import type { Bridge } from "./bridge/bridge.ts";
import type { Firewall } from "./firewall/firewall.ts";
import type { Log } from "./log.ts";
import { type Notifications, ownCard } from "./notifications/notifications.ts";
import type { Inbox } from "./open/open.ts";
import type { Quit } from "./quit/quit.ts";
import { screens } from "./screens.ts";
import type { OwnedLink } from "./service/create-link.ts";
import type { MenuAction } from "./tray/menu.ts";
import type { Updates } from "./updates/updates.ts";
import type { Windows } from "./windows/windows.ts";
import { shellWords } from "./words/shell.ts";

/** Those who do it. */
export interface ActionDeps {
	readonly windows: Pick<Windows, "main" | "inFront">;
	readonly bridge: Pick<Bridge, "chooseFiles">;
	readonly inbox: Pick<Inbox, "files">;
	readonly link: Pick<OwnedLink, "call" | "restart" | "folders">;
	readonly notifications: Pick<Notifications, "tell">;
	readonly updates: Pick<Updates, "act">;
	readonly firewall: Pick<Firewall, "allow">;
	readonly quit: Pick<Quit, "request">;
	readonly desktop: Pick<Shell, "showItemInFolder">;
	readonly log: Log;
}

/** Makes what does it. */
export function createActions(deps: ActionDeps): (action: MenuAction) => void {
	const { windows, bridge, inbox, link, notifications, updates, firewall, quit, desktop, log } = deps;

	/** Nobody waits for a choice: what goes wrong with it unexpectedly is written down. */
	function begin(work: Promise<void>): void {
		work.catch((error: unknown) => log.error({ error: String(error) }, "a choice of the menu failed"));
	}

	async function chooseFiles(): Promise<void> {
		inbox.files(await bridge.chooseFiles("files", windows.inFront));
	}

	async function rest(request: RestRequest): Promise<void> {
		const answer = await link.call({ method: "POST", path: "/api/rest", body: request, answers: machineStatusSchema });
		if (!answer.ok) notifications.tell(ownCard("rest", shellWords.restFailed, answer.error.message, screens.home));
	}

	return (action) => {
		switch (action.kind) {
			case "open":
				return windows.main.open();
			case "open-batch":
				return windows.main.open(screens.job(action.id));
			case "open-jobs":
				return windows.main.open(screens.jobs);
			case "settings":
				return windows.main.open(screens.settings);
			case "choose-files":
				return begin(chooseFiles());
			case "rest":
				return begin(rest(action.request));
			case "try-again":
				return begin(link.restart());
			case "update":
				return begin(updates.act(action.action));
			case "allow-firewall":
				return begin(firewall.allow());
			case "logs":
				// The service's log says most; the shell's what there is while the service never came up.
				return desktop.showItemInFolder(link.folders?.logPath ?? log.path);
			case "quit":
				log.info({}, "somebody quits");
				return quit.request();
			default:
				return action satisfies never;
		}
	};
}
