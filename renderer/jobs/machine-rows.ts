/** Where a job is worked on: lines done by each machine, and lines in its hands. Pure. */
import type { MeshMachine } from "../../native/contract/contract.ts";

/** A machine's part of a job. */
export interface MachineRow {
	readonly name: string;
	/** Lines it has done. */
	readonly lines: number;
	/** Of all lines done, 0 to 1. */
	readonly fraction: number;
	/** Lines it was handed and has not brought back. */
	readonly inHand: number;
}

/** Who has done the most first; machines that only hold lines last. `done` is lines by the machine's name. */
export function machineRows(
	batchId: string,
	done: Readonly<Record<string, number>>,
	machines: readonly Pick<MeshMachine, "name" | "slices">[],
): readonly MachineRow[] {
	const held = new Map<string, number>();
	for (const { name, slices } of machines) {
		const lines = slices.reduce((sum, slice) => sum + (slice.batch_id === batchId ? slice.lines : 0), 0);
		if (lines > 0) held.set(name, (held.get(name) ?? 0) + lines);
	}
	const total = Object.values(done).reduce((sum, lines) => sum + lines, 0);
	const names = new Set([...Object.keys(done).filter((name) => (done[name] ?? 0) > 0), ...held.keys()]);
	const rows = [...names].map((name) => {
		const lines = done[name] ?? 0;
		return { name, lines, fraction: total === 0 ? 0 : lines / total, inHand: held.get(name) ?? 0 };
	});
	return rows.toSorted((one, other) => other.lines - one.lines || other.inHand - one.inHand);
}
