/**
 * A job's own page: what it does now and why, its night as a chart, what failed, and every line of it. Owns how one job is shown; must
 * never hold what the service knows better: figures come live from the store, or by asking where the store does not have the job.
 */
import { ChevronLeft } from "lucide-react";
import { useRef, useState } from "react";
import type { BatchDetails, BatchHistory, Status } from "../../native/contract/contract.ts";
import { useBatches } from "../state/batches.ts";
import { useResource } from "../state/resource.ts";
import { go, routeTo } from "../state/route.ts";
import { Card, Disclosure, Empty, Failure, Loading } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { FailedLines } from "./failed-lines.tsx";
import { FigureGrid } from "./figure-grid.tsx";
import { mainFigures, otherFigures } from "./figures.ts";
import type { LineFilter } from "./hunt.ts";
import { JobHeader } from "./job-header.tsx";
import { rateNow } from "./job-list.ts";
import { JobNotices } from "./job-notices.tsx";
import { LinesCard } from "./lines-card.tsx";
import { MachineShare } from "./machine-share.tsx";
import { ThroughputCard } from "./throughput-card.tsx";
import { useSometimes } from "./use-sometimes.ts";

/** The chart's newest minute grows while it is looked at; it is told anew this often. */
const HISTORY_MS = 10_000;

/** A job's own page. */
export function Job({ id }: { readonly id: string }) {
	const isLoaded = useBatches((state) => state.isLoaded);
	const told = useBatches((state) => state.byId.get(id));
	// The stream tells the newest hundred; an older one is asked for.
	const { resource, reload, put } = useResource<BatchDetails>(
		isLoaded && told === undefined ? `/api/batches/${encodeURIComponent(id)}` : null,
	);
	const batch = told ?? (resource.state === "there" ? resource.value : null);
	if (batch !== null) return <Shown batch={batch} onChanged={put} />;
	if (resource.state !== "failed") return <Loading />;
	if (resource.error.status !== 404) return <Failure error={resource.error} onRetry={reload} />;
	return (
		<Empty
			title={words.jobs.job.notFound}
			actions={
				<a className="text-accent hover:underline" href={routeTo("jobs")}>
					{words.jobs.job.back}
				</a>
			}
		/>
	);
}

function Shown({
	batch,
	onChanged,
}: {
	readonly batch: BatchDetails;
	readonly onChanged: (batch: BatchDetails) => void;
}) {
	const [filter, setFilter] = useState<LineFilter>("all");
	const lines = useRef<HTMLDivElement>(null);
	const points = useBatches((state) => state.progress.get(batch.id));
	const isGoing = batch.health.state === "on-time" || batch.health.state === "late";
	const rate = !isGoing || points === undefined ? null : rateNow(points);
	const history = useResource<BatchHistory>(`/api/batches/${encodeURIComponent(batch.id)}/history`);
	const status = useResource<Status>("/api/status");
	const { completed, failed } = batch.request_counts;
	useSometimes(`${completed} ${failed} ${batch.status}`, HISTORY_MS, () => {
		history.reload();
		status.reload();
	});
	const showFailed = (): void => {
		setFilter("failed");
		lines.current?.scrollIntoView({ block: "start" });
	};
	return (
		<div className="flex flex-col gap-4">
			<a
				href={routeTo("jobs")}
				className="-mb-2 inline-flex items-center gap-1 self-start text-sm text-muted hover:text-text"
			>
				<ChevronLeft aria-hidden className="size-3.5" />
				{words.jobs.job.back}
			</a>
			<JobHeader batch={batch} onChanged={onChanged} onDeleted={() => go("jobs")} />
			<JobNotices batch={batch} />
			<ThroughputCard history={history.resource} status={status.resource} onRetry={history.reload} />
			<Card title={words.jobs.figures.title}>
				<FigureGrid figures={mainFigures(batch, rate)} />
				<div className="mt-4">
					<Disclosure label={words.common.more}>
						<FigureGrid figures={otherFigures(batch)} isSmall />
					</Disclosure>
				</div>
			</Card>
			{failed > 0 && batch.results_dropped_at === null && <FailedLines batch={batch} onShow={showFailed} />}
			<div ref={lines} className="scroll-mt-3">
				<LinesCard batch={batch} filter={filter} onFilter={setFilter} />
			</div>
			<MachineShare batch={batch} />
		</div>
	);
}
