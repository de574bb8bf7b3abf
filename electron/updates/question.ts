/** What a click on an update comes to, and the question before work is cut off. */
import type { MessageBoxPort } from "../quit/quit.ts";
import type { ServiceLink } from "../service/link.ts";
import { workOf } from "../state/work.ts";
import { updatesWords } from "../words/updates.ts";
import type { UpdateEvent, UpdateState } from "./states.ts";
import type { UpdateAction } from "./view.ts";

/** Work is at hand, or somebody waits for an answer: a restart now would cut something off. */
export function isBusy({ state }: Pick<ServiceLink, "state">): boolean {
	return workOf(state, Date.now()).isBusy || (state.service.kind === "up" && (state.engine?.live.running ?? 0) > 0);
}

/** Calls when that has changed. Answers a function that ends it. */
export function followBusy(link: Pick<ServiceLink, "state" | "watch">, onChange: () => void): () => void {
	let was = isBusy(link);
	return link.watch(() => {
		const is = isBusy(link);
		if (is === was) return;
		was = is;
		onChange();
	});
}

/** The event of a click; null: the user thought better of it. */
export async function eventOf(
	action: UpdateAction,
	{ phase }: UpdateState,
	{ dialog, link }: { readonly dialog: MessageBoxPort; readonly link: Pick<ServiceLink, "state"> },
): Promise<UpdateEvent | null> {
	switch (action) {
		case "check":
			return { kind: "check" };
		case "download":
			return { kind: "download" };
		case "arm":
			return { kind: "arm", isArmed: true };
		case "disarm":
			return { kind: "arm", isArmed: false };
		case "restart":
		case "restart-anyway":
			if (phase.kind !== "ready") return null;
			// By what is so now: a menu may be older than the work.
			return isBusy(link) ? ask(dialog, phase.version) : { kind: "install" };
		default:
			return action satisfies never;
	}
}

async function ask(dialog: MessageBoxPort, version: string): Promise<UpdateEvent | null> {
	const words = updatesWords.ask;
	const { response } = await dialog.showMessageBox({
		type: "question",
		message: words.message(version),
		detail: words.detail,
		buttons: [words.now, words.whenDone, words.later],
		defaultId: 1,
		cancelId: 2,
		noLink: true,
	});
	if (response === 0) return { kind: "install" };
	return response === 1 ? { kind: "arm", isArmed: true } : null;
}
