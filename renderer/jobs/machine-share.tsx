import type { BatchDetails } from "../../native/contract/contract.ts";
import { hasEnded } from "../state/batches.ts";
import { formatCount, formatPercent } from "../state/format.ts";
import { choiceWords, durabilityWords, useHasOthers, useMachines } from "../state/machines.ts";
import { Card, ProgressBar } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { machineRows } from "./machine-rows.ts";

const said = words.mesh.job;

/** Which machine did how many lines and has how many in hand, how safe the job is, and who may work on it. */
export function MachineShare({ batch }: { readonly batch: BatchDetails }) {
	const machines = useMachines();
	const hasOthers = useHasOthers();
	const rows = machineRows(batch.id, batch.statistics.machines, machines);
	if (rows.length === 0 && !hasOthers) return null;
	return (
		<Card title={said.title}>
			{hasOthers && (
				<dl className="mb-3 flex flex-col gap-1">
					<Line label={said.safety} value={durabilityWords(batch.durability)} />
					{!hasEnded(batch) && <Line label={said.allowed} value={choiceWords(batch.machines, machines)} />}
				</dl>
			)}
			<ul className="flex flex-col gap-2.5 empty:hidden">
				{rows.map(({ name, lines, fraction, inHand }) => (
					<li key={name}>
						<div className="mb-1 flex flex-wrap justify-between gap-x-4">
							<span className="min-w-0 truncate">{name}</span>
							<span className="shrink-0 text-muted">
								{said.lines(formatCount(lines), formatPercent(fraction))}
								{inHand > 0 && `, ${said.inHand(formatCount(inHand))}`}
							</span>
						</div>
						<ProgressBar label={said.share(name)} fraction={fraction} />
					</li>
				))}
			</ul>
		</Card>
	);
}

function Line({ label, value }: { readonly label: string; readonly value: string }) {
	return (
		<div className="flex flex-wrap gap-x-2">
			<dt className="text-muted">{label}</dt>
			<dd>{value}</dd>
		</div>
	);
}
