import type { NightReport } from "../../native/contract/contract.ts";
import { capital } from "../machines/machine-cards.ts";
import { formatCount, formatMoment } from "../state/format.ts";
import { routeTo } from "../state/route.ts";
import { Card } from "../ui/ui.ts";
import { words } from "../words/words.ts";

const text = words.morning;
const link = "font-medium text-accent underline-offset-2 hover:underline";

/** The batches that came further that night, and results that wait to be fetched. */
export function BatchesPart({ report }: { readonly report: NightReport }) {
	return (
		<Card title={text.batches}>
			{report.batches.length === 0 ? (
				<p className="text-muted">{text.noBatches}</p>
			) : (
				<Table batches={report.batches} />
			)}
			{report.uncollected.length > 0 && (
				<>
					<h3 className="mt-4 mb-1 text-sm font-semibold">{text.uncollected}</h3>
					<ul>
						{report.uncollected.map(({ id, filename, ended_at }) => (
							<li key={id} className="flex flex-wrap justify-between gap-x-4 py-0.5">
								<a className={link} href={routeTo("jobs", id)}>
									{filename ?? id}
								</a>
								<span className="text-muted">{text.endedAt(formatMoment(ended_at * 1_000))}</span>
							</li>
						))}
					</ul>
				</>
			)}
		</Card>
	);
}

/** A table where there is room; in the popover each batch is a block of its own. */
function Table({ batches }: Pick<NightReport, "batches">) {
	return (
		<table className="w-full text-left">
			<thead className="hidden text-sm text-muted wide:table-header-group">
				<tr>
					<th className="pb-1 font-normal">{text.batch}</th>
					<th className="w-24 pb-1 text-right font-normal">{text.lines}</th>
					<th className="w-24 pb-1 text-right font-normal">{text.failedColumn}</th>
					<th className="w-2/5 pb-1 pl-8 font-normal">{text.state}</th>
				</tr>
			</thead>
			<tbody>
				{batches.map((batch) => (
					<tr
						key={batch.id}
						className="flex flex-wrap gap-x-4 border-t border-line py-1.5 align-top first:border-t-0 wide:table-row wide:first:border-t"
					>
						<td className="w-full min-w-0 wide:w-auto wide:py-1.5">
							<a className={link} href={routeTo("jobs", batch.id)}>
								{batch.filename ?? batch.id}
							</a>
							{batch.model !== null && <span className="block text-sm text-muted">{batch.model}</span>}
						</td>
						<td className="wide:py-1.5 wide:text-right">
							{formatCount(batch.lines)} <span className="text-muted wide:sr-only">{text.lines.toLowerCase()}</span>
						</td>
						<td className={`wide:py-1.5 wide:text-right ${batch.failed > 0 ? "text-bad" : ""}`}>
							{formatCount(batch.failed)}{" "}
							<span className="text-muted wide:sr-only">{text.failedColumn.toLowerCase()}</span>
						</td>
						<td className="w-full wide:w-2/5 wide:py-1.5 wide:pl-8">{capital(batch.health.words)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}
