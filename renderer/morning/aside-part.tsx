import type { NightReport, YieldCause } from "../../native/contract/contract.ts";
import { capital } from "../machines/machine-cards.ts";
import { formatCount, formatDuration } from "../state/format.ts";
import { Card } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type AsideRow, countAsides, splitAsides, sumDurationsMs } from "./report-sums.ts";

const text = words.morning;

/** How often the work gave way and for what; freezes and stops told apart. */
export function AsidePart({ yields }: Pick<NightReport, "yields">) {
	const { freezes, stops } = splitAsides(yields);
	return (
		<Card title={text.yields}>
			{yields.count === 0 ? (
				<p className="text-muted">{text.noYields}</p>
			) : (
				<div className="flex flex-col gap-4">
					<Group title={text.freezes} rows={freezes} />
					<Group title={text.stops} rows={stops} />
					<p className="text-sm text-muted">
						{yields.recomputed_tokens === 0
							? text.recomputedNone
							: text.recomputed(formatCount(yields.recomputed_tokens))}
					</p>
				</div>
			)}
		</Card>
	);
}

function Group({ title, rows }: { readonly title: string; readonly rows: readonly AsideRow[] }) {
	if (rows.length === 0) return null;
	const count = countAsides(rows);
	const sum = text.yieldsSum(text.times(count, formatCount(count)), formatDuration(sumDurationsMs(rows)));
	return (
		<section>
			<h3 className="mb-1 flex flex-wrap justify-between gap-x-4 text-sm font-semibold">
				{title}
				<span className="font-normal text-muted">{sum}</span>
			</h3>
			<table className="w-full text-left">
				<thead className="sr-only">
					<tr>
						<th>{text.whatFor}</th>
						<th>{text.howOften}</th>
						<th>{text.howLong}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((row) => (
						<tr key={describeCause(row.cause)} className="border-t border-line align-top">
							<td className="py-1.5">{describeCause(row.cause)}</td>
							<td className="w-20 py-1.5 pl-3 text-right text-muted">
								{text.times(row.count, formatCount(row.count))}
							</td>
							<td className="w-24 py-1.5 pl-3 text-right text-muted">{formatDuration(row.durationMs)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

function describeCause(cause: YieldCause): string {
	switch (cause.kind) {
		case "request":
			return text.request(cause.endpoint, cause.client);
		case "stop":
			return capital(cause.words);
		default:
			return cause satisfies never;
	}
}
