/** How it stands with a code that is shown, as people are told. Pure. */
import type { MeshMachine, PairingCode } from "../../native/contract/contract.ts";

/** What became of the code. */
export type CodeState =
	| { readonly kind: "asking" }
	| {
			readonly kind: "shown";
			readonly code: string;
			readonly secondsLeft: number;
			/** Null: nobody has entered a wrong one. */
			readonly triesLeft: number | null;
	  }
	| { readonly kind: "joined"; readonly name: string }
	| { readonly kind: "over"; readonly why: "time" | "tries" | "taken" };

/** What is known of it. */
export interface CodeFacts {
	/** As it was shown first; null: there is none yet. */
	readonly first: PairingCode | null;
	/** As it was last seen. */
	readonly last: PairingCode | null;
	/** When it was found to be shown no more; null: it still is. */
	readonly goneAtMs: number | null;
	/** Ids of the machines that were there before. */
	readonly before: ReadonlySet<string>;
	readonly machines: readonly MeshMachine[];
	readonly nowMs: number;
}

/** A code that was used is gone a moment before the machine that used it is told of. */
const GRACE_MS = 3_000;

/** Tells what became of it. Who has joined by it counts more than that it is gone. */
export function codeState({ first, last, goneAtMs, before, machines, nowMs }: CodeFacts): CodeState {
	if (first === null || last === null) return { kind: "asking" };
	const joined = machines.find(({ id, is_self: isSelf }) => !isSelf && !before.has(id));
	if (joined !== undefined) return { kind: "joined", name: joined.name };
	const secondsLeft = Math.ceil(last.expires_at - nowMs / 1_000);
	if (secondsLeft <= 0) return { kind: "over", why: "time" };
	if (goneAtMs !== null && nowMs - goneAtMs >= GRACE_MS)
		return { kind: "over", why: last.tries_left === 1 ? "tries" : "taken" };
	const triesLeft = last.tries_left < first.tries_left ? last.tries_left : null;
	return { kind: "shown", code: last.code, secondsLeft, triesLeft };
}

/** Eight digits as they were typed, without what stands between them; null: they are not eight. */
export function readDigits(typed: string): string | null {
	const digits = typed.replaceAll(/[\s-]/g, "");
	return /^\d{8}$/.test(digits) ? digits : null;
}
