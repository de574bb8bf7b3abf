import type { BatchDetails } from "../../native/contract/contract.ts";
import { formatCount, formatMoment } from "../state/format.ts";
import { Disclosure, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Notices shown; the rest is counted. */
const MOST_SHOWN = 20;

/** What somebody has to know or see to, before the figures: pauses that nobody asked for, faults of the file, what was put up with, what is gone. */
export function JobNotices({ batch }: { readonly batch: BatchDetails }) {
	const said = words.jobs.notices;
	const faults = batch.errors?.data ?? [];
	return (
		<div className="flex flex-col gap-2 empty:hidden">
			{batch.pause !== null && batch.pause.cause !== "user" && (
				<Notice tone="warn" title={words.jobs.job.paused}>
					{batch.pause.message}
				</Notice>
			)}
			{faults.length > 0 && (
				<Notice tone="bad" title={said.faults}>
					<Faults faults={faults} />
				</Notice>
			)}
			{batch.stale && <Notice tone="warn">{said.stale}</Notice>}
			{batch.results_dropped_at !== null && (
				<Notice>{said.dropped(formatMoment(batch.results_dropped_at * 1_000))}</Notice>
			)}
			{batch.notices.length > 0 && (
				<Notice>
					<Disclosure label={`${said.title} (${formatCount(batch.notices.length)})`}>
						<Faults faults={batch.notices} />
					</Disclosure>
				</Notice>
			)}
		</div>
	);
}

function Faults({ faults }: { readonly faults: BatchDetails["notices"] }) {
	const said = words.jobs.notices;
	return (
		<ul className="flex flex-col gap-1 text-sm">
			{faults.slice(0, MOST_SHOWN).map((fault) => (
				<li key={`${fault.line} ${fault.param} ${fault.code} ${fault.message}`}>
					{fault.line !== null && <span className="text-muted">{said.line(formatCount(fault.line))}: </span>}
					{fault.message}
				</li>
			))}
			{faults.length > MOST_SHOWN && (
				<li className="text-muted">{said.more(formatCount(faults.length - MOST_SHOWN))}</li>
			)}
		</ul>
	);
}
