/** What work there is, told from the state: what quitting, updates and the taskbar look at. Pure. */
import type { BatchDetails } from "../../native/contract/contract.ts";
import type { ShellState } from "./state.ts";

/** The work at hand. */
export interface Work {
	/** Batches that are not over and wait for nobody's word: they are worked on, or will be. */
	readonly batches: number;
	/** Their lines, and those of them that are finished. */
	readonly lines: number;
	readonly finishedLines: number;
	/** Lines run now, or a file is being checked: ending the service would cut something off. */
	readonly isRunning: boolean;
}

/** What work there is. Nothing runs where the service is not up, or batch work had to stop. */
export function workOf({ service, batches, machine }: Pick<ShellState, "service" | "batches" | "machine">): Work {
	const open = [...batches.values()].filter(isOpen);
	const rung = machine?.verdict.rung ?? "run";
	const mayRun = service.kind === "up" && (rung === "run" || rung === "freeze");
	return {
		batches: open.length,
		lines: sum(open, ({ request_counts }) => request_counts.total),
		finishedLines: sum(open, ({ request_counts }) => request_counts.completed + request_counts.failed),
		isRunning: mayRun && open.some(({ health }) => health.state !== "waiting" && health.state !== "stuck"),
	};
}

/** Neither paused nor a rehearsal that is over: those wait for somebody, with or without us. */
function isOpen({ status, health, pause }: BatchDetails): boolean {
	switch (status) {
		case "validating":
		case "finalizing":
		case "cancelling":
			return true;
		case "in_progress":
			return pause === null && health.state !== "rehearsed";
		case "failed":
		case "completed":
		case "expired":
		case "cancelled":
			return false;
		default:
			return status satisfies never;
	}
}

function sum(batches: readonly BatchDetails[], figure: (batch: BatchDetails) => number): number {
	return batches.reduce((total, batch) => total + figure(batch), 0);
}
