import { formatCount } from "../base/base.ts";
import type { BatchRecord, Fault, RehearsedFigures, Seal } from "./records.ts";

/** What notices say of a batch: facts only; titles and the like are for those who show them. */

/** e.g. `995 of 1,000 lines answered, 5 failed`. */
export function endMessage(batch: BatchRecord, status: Seal["status"]): string {
	const { total, completed, failed, givenUp } = batch;
	const reason = status === "failed" && givenUp !== null ? `${givenUp.fault.message} ` : "";
	if (total === 0) return `${reason}No line was run`;
	return `${reason}${counts(total, completed, failed, total - completed - failed)}`;
}

/** What a rehearsal came to. */
export function rehearsedMessage({ lines, failed }: Pick<RehearsedFigures, "lines" | "failed">): string {
	return counts(lines, lines - failed, failed, 0);
}

/** The first fault of an input, and how many more there are. */
export function invalidMessage(faults: readonly Fault[]): string {
	const first = faults[0]?.message ?? "The file can't be run.";
	if (faults.length <= 1) return first;
	return `${first} ${formatCount(faults.length - 1)} more ${faults.length === 2 ? "fault" : "faults"}`;
}

function counts(total: number, completed: number, failed: number, open: number): string {
	const parts = [`${formatCount(completed)} of ${formatCount(total)} ${total === 1 ? "line" : "lines"} answered`];
	if (failed > 0) parts.push(`${formatCount(failed)} failed`);
	if (open > 0) parts.push(`${formatCount(open)} not run`);
	return parts.join(", ");
}
