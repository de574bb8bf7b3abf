import { ChevronRight } from "lucide-react";
import { useMemo } from "react";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { hasEnded, newestFirst, useBatches } from "../state/batches.ts";
import { formatPercent } from "../state/format.ts";
import { routeTo } from "../state/route.ts";
import { ProgressBar, type Tone } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Batches shown: what fits below the drop panel at a glance; the jobs' screen has all. */
const MOST_SHOWN = 6;
/** Of those that are done. */
const MOST_DONE = 3;

const w = words.drop;

/** What goes on now, and what is done and nobody has fetched yet. */
export function Now() {
	const batches = useBatches();
	const [open, done] = useMemo(() => {
		const all = newestFirst(batches);
		return [
			all.filter((batch) => !hasEnded(batch) && !batch.is_rehearsal && batch.status !== "cancelling"),
			all.filter(({ health }) => health.state === "done-uncollected").slice(0, MOST_DONE),
		];
	}, [batches]);
	if (!batches.isLoaded) return null;
	return (
		<>
			<section aria-labelledby="now-title">
				<header className="mb-2 flex items-baseline justify-between gap-3">
					<h2 id="now-title" className="text-base font-semibold">
						{w.nowTitle}
					</h2>
					{batches.byId.size > 0 && (
						<a href={routeTo("jobs")} className="text-sm text-accent hover:underline">
							{w.allJobs}
						</a>
					)}
				</header>
				{open.length === 0 ? (
					<p className="text-muted">{w.nowEmpty}</p>
				) : (
					<BatchList batches={open.slice(0, MOST_SHOWN)} />
				)}
				{open.length > MOST_SHOWN && (
					<a href={routeTo("jobs")} className="mt-2 inline-block text-sm text-accent hover:underline">
						{w.nowMore(String(open.length - MOST_SHOWN))}
					</a>
				)}
			</section>
			{done.length > 0 && (
				<section aria-labelledby="done-title">
					<h2 id="done-title" className="mb-2 text-base font-semibold">
						{w.doneTitle}
					</h2>
					<BatchList batches={done} />
				</section>
			)}
		</>
	);
}

function BatchList({ batches }: { readonly batches: readonly BatchDetails[] }) {
	return (
		<ul className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface">
			{batches.map((batch) => (
				<li key={batch.id}>
					<BatchRow batch={batch} />
				</li>
			))}
		</ul>
	);
}

function BatchRow({ batch }: { readonly batch: BatchDetails }) {
	const { completed, failed, total } = batch.request_counts;
	const name = batch.input_filename ?? batch.id;
	// While its lines are being counted nobody knows how far it is.
	const fraction = total === 0 ? null : (completed + failed) / total;
	return (
		<a href={routeTo("jobs", batch.id)} className="flex items-center gap-3 px-4 py-3 hover:bg-hover">
			<span className="min-w-0 grow">
				<span className="mb-1.5 flex items-baseline justify-between gap-3">
					<span className="truncate font-medium">{name}</span>
					<span className="shrink-0 text-sm text-muted">{fraction === null ? "" : formatPercent(fraction)}</span>
				</span>
				<ProgressBar label={w.progressOf(name)} fraction={fraction} tone={toneOf(batch)} />
				<span className="mt-1.5 block text-sm text-muted first-letter:uppercase">{batch.health.words}</span>
			</span>
			<ChevronRight aria-hidden className="size-4 shrink-0 text-faint" />
		</a>
	);
}

function toneOf({ health }: BatchDetails): Tone {
	switch (health.state) {
		case "stuck":
		case "failed":
			return "bad";
		case "late":
		case "partial":
			return "warn";
		case "done":
		case "done-uncollected":
			return "good";
		case "waiting":
		case "paused":
		case "cancelled":
			return "neutral";
		case "checking":
		case "on-time":
		case "rehearsed":
			return "accent";
		default:
			return health.state satisfies never;
	}
}
