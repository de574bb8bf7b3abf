/** The life of a shown code: how long, how often, how many times. Pure. */
import { randomInt } from "node:crypto";

/** What a code bears. */
export interface DialogLimits {
	readonly lifetimeMs: number;
	/** Wrong proofs until the code is worth nothing. */
	readonly tries: number;
}

/** As `reference/mesh.md` 3 has it: with eight digits, three guesses succeed once in thirty million dialogs. */
export const dialogLimits: DialogLimits = { lifetimeMs: 120_000, tries: 3 };

/** Why a code is worth nothing any more. */
export type DialogEnd = "paired" | "wrong-too-often" | "expired" | "closed";

/** A code that is shown, or was. */
export interface Dialog {
	readonly code: string;
	/** Monotonic. */
	readonly expiresAtMs: number;
	readonly triesLeft: number;
	readonly end: DialogEnd | null;
}

/** What came of a proof. */
export interface Judgement {
	readonly dialog: Dialog;
	readonly verdict: "right" | "wrong" | "not-judged";
}

const CODE_DIGITS = 8;

/** Eight random digits. */
export function makeCode(): string {
	return String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, "0");
}

/** A code for people: `1234 5678`. */
export function showCode(code: string): string {
	return `${code.slice(0, CODE_DIGITS / 2)} ${code.slice(CODE_DIGITS / 2)}`;
}

/** Reads a code as people type it, with any spaces and hyphens; null: it is none. */
export function readCode(text: string): string | null {
	const digits = text.replaceAll(/[\s-]/g, "");
	return /^\d{8}$/.test(digits) ? digits : null;
}

/** Shows a code. */
export function openDialog(code: string, nowMs: number, { lifetimeMs, tries }: DialogLimits): Dialog {
	return { code, expiresAtMs: nowMs + lifetimeMs, triesLeft: tries, end: null };
}

/** The dialog as it is now. */
export function atTime(dialog: Dialog, nowMs: number): Dialog {
	return dialog.end === null && nowMs >= dialog.expiresAtMs ? { ...dialog, end: "expired" } : dialog;
}

/** The owner closes it. Where its time was up before, that is what ended it. */
export function closeDialog(dialog: Dialog, nowMs: number): Dialog {
	const present = atTime(dialog, nowMs);
	return present.end === null ? { ...present, end: "closed" } : present;
}

/** Judges a proof, unless the code is worth nothing: then it is not even looked at. */
export function judge(dialog: Dialog, nowMs: number, isRight: () => boolean): Judgement {
	const present = atTime(dialog, nowMs);
	if (present.end !== null) return { dialog: present, verdict: "not-judged" };
	if (isRight()) return { dialog: { ...present, end: "paired" }, verdict: "right" };
	const triesLeft = present.triesLeft - 1;
	return { dialog: { ...present, triesLeft, end: triesLeft > 0 ? null : "wrong-too-often" }, verdict: "wrong" };
}
