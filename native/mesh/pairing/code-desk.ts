/** The code that is shown, and its end. */
import { type Clock, err, ok, type Result } from "../../base/base.ts";
import { utf8 } from "../identity/octets.ts";
import {
	atTime,
	closeDialog,
	type Dialog,
	type DialogEnd,
	type DialogLimits,
	judge,
	makeCode,
	openDialog,
} from "./dialog.ts";
import type { Refused } from "./messages.ts";
import type { Offer } from "./receive.ts";

/** At most one code. */
export interface CodeDesk {
	/** Shows a new code; null: one is shown already. */
	show(): string | null;
	hide(): void;
	isOpen(): boolean;
	/** The code, for a stranger to show to know it; the refusal where there is none that counts. */
	offer(): Result<Offer, Refused["reason"]>;
}

/** What a desk tells, and by which clock. */
export interface CodeDeskDeps {
	readonly clock: Clock;
	readonly limits: DialogLimits;
	onWrong(triesLeft: number): void;
	onOver(end: DialogEnd): void;
}

/** A desk with no code on it. */
export function createCodeDesk({ clock, limits, onWrong, onOver }: CodeDeskDeps): CodeDesk {
	let dialog: Dialog | null = null;
	let timer: NodeJS.Timeout | undefined;

	/** Whatever ends a code ends it here. */
	function change(before: Dialog, next: Dialog): void {
		dialog = next;
		if (next.end === null || before.end !== null) return;
		clearTimeout(timer);
		onOver(next.end);
	}

	function present(): Dialog | null {
		if (dialog !== null) change(dialog, atTime(dialog, clock.monotonicMs()));
		return dialog;
	}

	return {
		show() {
			if (present()?.end === null) return null;
			dialog = openDialog(makeCode(), clock.monotonicMs(), limits);
			// A timer may be a moment early; then it would find nothing to end.
			timer = setTimeout(present, limits.lifetimeMs + 1).unref();
			return dialog.code;
		},
		hide() {
			if (dialog !== null) change(dialog, closeDialog(dialog, clock.monotonicMs()));
		},
		isOpen: () => present()?.end === null,
		offer() {
			const shown = present();
			if (shown === null) return err("closed");
			if (shown.end !== null) return err(shown.end === "expired" ? "expired" : "closed");
			return ok({
				method: "code",
				secret: utf8(shown.code),
				judge(isRight) {
					// Meanwhile another may be shown.
					if (dialog === null || dialog.code !== shown.code) return "not-judged";
					const judged = judge(dialog, clock.monotonicMs(), isRight);
					if (judged.verdict === "wrong") onWrong(judged.dialog.triesLeft);
					change(dialog, judged.dialog);
					return judged.verdict;
				},
			});
		},
	};
}
