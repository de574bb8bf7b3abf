/** What is said while the page can't be shown, and what one can do there. Owns what `down/down.html` is given, pure. */
import type { ServicePhase } from "../state/state.ts";
import { windowWords } from "../words/windows.ts";

/** Why the page is not shown: how the service stands, or what happened to the window. */
export type DownReason =
	| Exclude<ServicePhase, { kind: "up" }>
	/** The service runs, but its page did not come; `message` says what did. */
	| { readonly kind: "unreachable"; readonly message: string }
	/** The page ended too often. */
	| { readonly kind: "broken"; readonly message: string };

/** What somebody chose there. */
export type DownAction = "try-again" | "logs";

/** Longest detail, in characters: the rest is in the log, and addresses have an end. */
const MOST_DETAIL_LENGTH = 600;

/** The page's words, as it reads them behind its `?`. */
export function downQuery(reason: DownReason): Record<string, string> {
	const { title, text } = windowWords.down[reason.kind];
	const detail = detailOf(reason).slice(0, MOST_DETAIL_LENGTH);
	return {
		title,
		text,
		logs: windowWords.logs,
		...(detail === "" ? {} : { detail: detail.toWellFormed() }),
		...(canTryAgain(reason) ? { "try-again": windowWords.tryAgain } : {}),
	};
}

function detailOf(reason: DownReason): string {
	switch (reason.kind) {
		case "restarting":
			return windowWords.attempt(reason.attempt);
		case "given-up":
		case "unreachable":
		case "broken":
			return reason.message;
		case "starting":
		case "stopped":
			return "";
		default:
			return reason satisfies never;
	}
}

/** Starting and restarting go on by themselves, and a service that was stopped has been stopped by somebody. */
function canTryAgain({ kind }: DownReason): boolean {
	return kind === "given-up" || kind === "unreachable" || kind === "broken";
}

/** What a click on the page asks for: its links lead to itself, with the wish behind the `?`. Null: nothing. */
export function downAction(address: string): DownAction | null {
	const wish = URL.parse(address)?.searchParams.get("do");
	return wish === "try-again" || wish === "logs" ? wish : null;
}
