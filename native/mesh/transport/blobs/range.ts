/** The `Range` of a request: one piece of a blob, which is all that machines ask each other for (RFC 9110, 14). */

/** From `start` to before `end`. */
export interface Piece {
	readonly start: number;
	readonly end: number;
}

const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

/** Null: the whole. `unsatisfiable`: there is nothing of it. A header of another form is as good as none, as the standard has it. */
export function parseRange(header: string | undefined, sizeBytes: number): Piece | "unsatisfiable" | null {
	const match = RANGE.exec(header ?? "");
	if (match === null) return null;
	const [, first = "", last = ""] = match;
	if (first === "" && last === "") return null;
	if (first === "") {
		const lengthBytes = Math.min(Number(last), sizeBytes);
		return lengthBytes === 0 ? "unsatisfiable" : { start: sizeBytes - lengthBytes, end: sizeBytes };
	}
	const start = Number(first);
	const end = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
	if (last !== "" && Number(last) < start) return null;
	return start >= sizeBytes ? "unsatisfiable" : { start, end };
}

const CONTENT_RANGE = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/;

/** The size of the blob of which an answer is the rest from `start`; null: it is something else. */
export function sizeOfRest(header: string | undefined, start: number): number | null {
	const match = CONTENT_RANGE.exec(header ?? "");
	const [, first, last, whole] = match ?? [];
	return Number(first) === start && Number(last) === Number(whole) - 1 ? Number(whole) : null;
}

/** Whether an answer is the rest of a blob from `start`; a server that knows no ranges sends the whole again. */
export function isRestFrom(header: string | undefined, start: number, sizeBytes: number): boolean {
	return sizeOfRest(header, start) === sizeBytes;
}
