import { formatCount, formatPercent } from "../state/format.ts";
import { Card, ProgressBar } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Which machine did how many lines; nothing until one has. */
export function MachineShare({ machines }: { readonly machines: Readonly<Record<string, number>> }) {
	const rows = Object.entries(machines).toSorted(([, one], [, other]) => other - one);
	const total = rows.reduce((sum, [, lines]) => sum + lines, 0);
	if (total === 0) return null;
	const said = words.jobs.machines;
	return (
		<Card title={said.title}>
			<ul className="flex flex-col gap-2.5">
				{rows.map(([name, lines]) => (
					<li key={name}>
						<div className="mb-1 flex justify-between gap-4">
							<span className="truncate">{name}</span>
							<span className="shrink-0 text-muted">
								{said.lines(formatCount(lines), formatPercent(lines / total))}
							</span>
						</div>
						<ProgressBar label={said.share(name)} fraction={lines / total} />
					</li>
				))}
			</ul>
		</Card>
	);
}
