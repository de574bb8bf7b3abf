import { Suspense, useCallback, useMemo, useState } from "react";
import type { BatchHistory, Status, Yield } from "../../native/contract/contract.ts";
import { formatCount, formatDuration, formatMoment } from "../state/format.ts";
import { part } from "../state/part.ts";
import type { Resource } from "../state/resource.ts";
import { Card, Disclosure, Failure, join, Loading } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { bandsOf, composeThroughput, type Throughput, tableOf, yieldsDuring } from "./throughput.ts";

// The chart's library is half of this screen; figures need not wait for it.
const Chart = part(() => import("./throughput-chart.tsx").then(({ ThroughputChart }) => ThroughputChart));

/** Throughput over the night: the chart, what its colours mean, and the same as a table. */
export function ThroughputCard({
	history,
	status,
	onRetry,
}: {
	readonly history: Resource<BatchHistory>;
	/** Where the times of stepping aside stand; without it the chart goes without. */
	readonly status: Resource<Status>;
	readonly onRetry: () => void;
}) {
	const minutes = history.state === "there" ? history.value.minutes : null;
	const throughput = useMemo(() => composeThroughput(minutes ?? []), [minutes]);
	const yields = status.state === "there" ? status.value.stepAside.yields : null;
	const bands = useMemo(() => bandsOf(yields ?? [], throughput), [yields, throughput]);
	const during = useMemo(() => yieldsDuring(yields ?? [], throughput), [yields, throughput]);
	const said = words.jobs.chart;
	const isEmpty = throughput.at.length === 0;
	return (
		<Card title={said.title}>
			{history.state === "loading" && <Loading />}
			{history.state === "failed" && <Failure error={history.error} onRetry={onRetry} />}
			{history.state === "there" && isEmpty && <p className="text-muted">{said.empty}</p>}
			{history.state === "there" && !isEmpty && (
				<>
					<Pictured throughput={throughput} bands={bands} hasYields={during.length > 0} />
					<div className="mt-3 flex flex-wrap items-start gap-x-6 gap-y-2">
						<Disclosure label={said.table}>
							<Table throughput={throughput} />
						</Disclosure>
						{during.length > 0 && (
							<Disclosure label={said.yieldsTitle(said.times(during.length))}>
								<Yields yields={during} />
							</Disclosure>
						)}
					</div>
				</>
			)}
		</Card>
	);
}

function Pictured({
	throughput,
	bands,
	hasYields,
}: {
	readonly throughput: Throughput;
	readonly bands: ReturnType<typeof bandsOf>;
	readonly hasYields: boolean;
}) {
	const [pointed, setPointed] = useState<number | null>(null);
	const point = useCallback((index: number | null) => setPointed(index), []);
	const said = words.jobs.chart;
	const { at, answered, failed } = throughput;
	const moment = pointed === null ? undefined : at[pointed];
	const hasFailed = failed.some((count) => count > 0);
	return (
		<>
			<div className="mb-2 flex min-h-5 flex-wrap items-center gap-x-4 gap-y-1 text-sm text-muted">
				<Key look="bg-accent" label={said.answered} />
				{hasFailed && <Key look="bg-bad" label={said.failed} />}
				{hasYields && <Key look="bg-warn/35" label={said.yields} />}
				<span className="grow" />
				<span>
					{moment === undefined || pointed === null
						? said.hint
						: said.point(
								formatMoment(moment * 1_000),
								formatCount(answered[pointed] ?? 0),
								formatCount(failed[pointed] ?? 0),
							)}
				</span>
			</div>
			<Suspense fallback={<div className="h-[200px]" />}>
				<Chart
					throughput={throughput}
					bands={bands}
					label={said.label(formatMoment((at[0] ?? 0) * 1_000), formatMoment((at.at(-1) ?? 0) * 1_000))}
					onPoint={point}
				/>
			</Suspense>
		</>
	);
}

function Key({ look, label }: { readonly look: string; readonly label: string }) {
	return (
		<span className="inline-flex items-center gap-1.5">
			<span aria-hidden className={join("size-2.5 rounded-sm", look)} />
			{label}
		</span>
	);
}

function Table({ throughput }: { readonly throughput: Throughput }) {
	const said = words.jobs.chart;
	return (
		<table className="text-sm">
			<thead className="text-left text-muted">
				<tr>
					<th className="py-0.5 pr-6 font-medium">{said.tableTime}</th>
					<th className="py-0.5 pr-6 text-right font-medium">{said.tableAnswered}</th>
					<th className="py-0.5 text-right font-medium">{said.tableFailed}</th>
				</tr>
			</thead>
			<tbody>
				{tableOf(throughput).map((row) => (
					<tr key={row.from}>
						<td className="py-0.5 pr-6">{formatMoment(row.from * 1_000)}</td>
						<td className="py-0.5 pr-6 text-right">{formatCount(row.answered)}</td>
						<td className="py-0.5 text-right">{formatCount(row.failed)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

function Yields({ yields }: { readonly yields: readonly Yield[] }) {
	return (
		<ul className="flex flex-col gap-0.5 text-sm">
			{yields.map((one) => (
				<li key={one.number} className="flex gap-3">
					<span className="shrink-0 text-muted">{formatMoment(one.arrivedAtMs)}</span>
					<span>{words.jobs.chart.yieldFor(causeOf(one), formatDuration(one.frozenMs))}</span>
				</li>
			))}
		</ul>
	);
}

function causeOf({ cause }: Yield): string {
	switch (cause.kind) {
		case "request":
			return cause.client ?? words.jobs.chart.request;
		case "stop":
			return cause.words;
		default:
			return cause satisfies never;
	}
}
