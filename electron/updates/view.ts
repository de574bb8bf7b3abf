/** What people are shown of an update, and what they may do about it. Pure. */
import { updatesWords } from "../words/updates.ts";
import type { UpdatePhase } from "./states.ts";

/** Something to click. */
export type UpdateAction = "check" | "download" | "restart" | "arm" | "disarm" | "restart-anyway";

/** A line for the menu, with what may be done beside it. */
export interface UpdateView {
	/** Null: there is nothing to say. */
	readonly line: string | null;
	readonly actions: readonly { readonly action: UpdateAction; readonly label: string }[];
}

/** The view. `isBusy`: a restart now would cut work off, so it is not the first thing on offer. */
export function viewOf(phase: UpdatePhase, isBusy: boolean): UpdateView {
	const words = updatesWords;
	const view = (line: string | null, ...actions: UpdateView["actions"]) => ({ line, actions });
	switch (phase.kind) {
		case "idle":
			return view(phase.hasChecked ? words.upToDate : null, { action: "check", label: words.check });
		case "checking":
			return view(words.checking);
		case "available":
			return view(words.available(phase.version), { action: "download", label: words.download(phase.version) });
		case "downloading":
			return view(words.downloading(phase.version, Math.floor(phase.fraction * 100)));
		case "ready":
			return readyView(phase, isBusy);
		case "installing":
			return view(words.installing(phase.version));
		case "failed":
			return view(words.failed(phase.message), { action: "check", label: words.again });
		default:
			return phase satisfies never;
	}
}

function readyView({ version, isArmed }: Extract<UpdatePhase, { kind: "ready" }>, isBusy: boolean): UpdateView {
	const words = updatesWords;
	if (!isBusy) return { line: words.ready(version), actions: [{ action: "restart", label: words.restart }] };
	return {
		line: isArmed ? words.waitsArmed(version) : words.waits(version),
		actions: [
			isArmed ? { action: "disarm", label: words.dontRestart } : { action: "arm", label: words.restartWhenDone },
			{ action: "restart-anyway", label: words.restartAnyway },
		],
	};
}
