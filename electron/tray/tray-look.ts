/** What the tray shows, put together from what the shell knows; pure. */
import type { BatchDetails, Rest } from "../../native/contract/contract.ts";
import { doneOf, totalOf } from "../state/progress.ts";
import type { ShellState } from "../state/state.ts";
import { summarize } from "../state/summary.ts";
import type { UpdateView } from "../updates/view.ts";
import type { TrayBatch, TrayLook } from "./look.ts";

const noRest: Rest = { isPaused: false, snoozedUntilMs: null };

/** What the tray shows beside the service's state. */
export interface TrayOffers {
	readonly update: UpdateView;
	readonly isFirewallOffered: boolean;
}

/** The look for a state. `nowMs` is Unix milliseconds. */
export function trayLookOf(state: ShellState, offers: TrayOffers, nowMs: number): TrayLook {
	const summary = summarize(state, nowMs);
	const isGivenUp = state.service.kind === "given-up";
	return {
		// A service that was given up is not a job that needs somebody.
		kind: isGivenUp ? "down" : summary.kind,
		progress: summary.progress,
		reason: summary.reason ?? "",
		attentionCount: summary.attentionIds.length,
		...offers,
		batches: summary.runningIds.flatMap((id) => batchOf(state.batches.get(id))),
		rest: state.machine?.rest ?? noRest,
		canTryAgain: isGivenUp,
		machines: state.service.kind === "up" ? machinesOf(state.mesh) : null,
	};
}

/** Null: this machine works by itself. */
function machinesOf(mesh: ShellState["mesh"]): TrayLook["machines"] {
	if (mesh === null || !mesh.is_on || mesh.machines.length < 2) return null;
	const online = mesh.machines.filter((machine) => machine.is_online);
	return { online: online.length, working: online.filter(({ about }) => about?.activity === "working").length };
}

function batchOf(batch: BatchDetails | undefined): readonly TrayBatch[] {
	if (batch === undefined) return [];
	const total = totalOf(batch);
	const fraction = total === 0 ? null : doneOf(batch) / total;
	return [{ id: batch.id, name: batch.input_filename ?? batch.id, fraction }];
}
