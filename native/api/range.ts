/** Byte ranges of a download (RFC 9110, 14): one range, which is what downloaders use to go on. */

/** What of a resource to send: all of it, a part (`end` exclusive), or nothing since the range lies outside. */
export type RangeChoice =
	| { readonly kind: "whole" }
	| { readonly kind: "part"; readonly start: number; readonly end: number }
	| { readonly kind: "unsatisfiable" };

const whole: RangeChoice = { kind: "whole" };

/**
 * Chooses what to send of `sizeBytes` for a Range header. Headers that are malformed, of another unit or of several ranges
 * count as absent, as the RFC allows.
 */
export function chooseRange(header: string | undefined, sizeBytes: number): RangeChoice {
	const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.trim() ?? "");
	if (match === null) return whole;
	const [, first = "", last = ""] = match;
	if (first === "") {
		if (last === "") return whole;
		const suffixBytes = Number(last);
		if (suffixBytes === 0 || sizeBytes === 0) return { kind: "unsatisfiable" };
		return { kind: "part", start: Math.max(0, sizeBytes - suffixBytes), end: sizeBytes };
	}
	const start = Number(first);
	if (last !== "" && Number(last) < start) return whole;
	if (start >= sizeBytes) return { kind: "unsatisfiable" };
	return { kind: "part", start, end: last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
}
