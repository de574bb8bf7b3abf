/** Failed lines by why they failed. Pure. */
import type { BatchLine } from "../../native/contract/contract.ts";

/** Lines that failed for the same reason. */
export interface FailureGroup {
	/** The error's code; null: it has none. */
	readonly code: string | null;
	readonly count: number;
	/** What the first of them was told. */
	readonly message: string;
	/** The first of them, counted from 0. */
	readonly lines: readonly number[];
}

/** Lines named of each reason: enough to look into it. */
const MOST_NAMED = 5;

/** Groups lines by their error's code, the most frequent first, then in the order of the file. */
export function groupFailures(lines: readonly BatchLine[]): readonly FailureGroup[] {
	const groups = new Map<string | null, FailureGroup>();
	for (const line of lines) {
		if (line.state !== "failed") continue;
		const before = groups.get(line.error_code);
		groups.set(line.error_code, {
			code: line.error_code,
			count: (before?.count ?? 0) + 1,
			message: before?.message ?? line.answered ?? "",
			lines: [...(before?.lines ?? []), line.line].slice(0, MOST_NAMED),
		});
	}
	return [...groups.values()].toSorted((one, other) => other.count - one.count);
}
