import type { BatchDetails } from "../../native/contract/contract.ts";
import { hasEnded, ratesOf, useBatches } from "../state/batches.ts";
import { formatCount, formatMoment } from "../state/format.ts";
import { useHasOthers } from "../state/machines.ts";
import { routeTo } from "../state/route.ts";
import { ProgressBar, Sparkline, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { actionsOf } from "./job-actions.ts";
import { doneFraction, endedAt, nameOf, rateNow, rateWords, toneOf } from "./job-list.ts";
import { JobMenu } from "./job-menu.tsx";
import { useJobActions } from "./use-job-actions.tsx";

/** A job in the list. */
export function JobRow({ batch }: { readonly batch: BatchDetails }) {
	const { busy, choose, dialogs } = useJobActions(batch);
	const hasOthers = useHasOthers();
	const name = nameOf(batch);
	const isOver = hasEnded(batch);
	const isWorking = batch.health.state === "on-time" || batch.health.state === "late";
	const said = words.jobs.row;
	const { completed, failed, total } = batch.request_counts;
	return (
		<div className="@container flex items-start gap-1 py-2.5 pr-1.5 pl-4 has-[a:hover]:bg-hover">
			<div className="min-w-0 grow">
				<div className="flex min-w-0 items-center gap-2">
					<a href={routeTo("jobs", batch.id)} className="truncate font-medium hover:underline">
						{name}
					</a>
					<Tag tone={toneOf(batch.health.state)}>{words.jobs.states[batch.health.state]}</Tag>
					<span className="grow" />
					<span className="shrink-0 text-sm text-muted">{whenOf(batch)}</span>
				</div>
				<p className="mt-0.5 text-sm text-muted">{batch.health.words}</p>
				{!isOver && (
					<div className="mt-1.5 flex h-6 items-center gap-3 text-sm text-muted">
						<div className="min-w-12 grow">
							<ProgressBar
								label={said.progress(name)}
								fraction={doneFraction(batch)}
								tone={batch.health.state === "on-time" ? "accent" : toneOf(batch.health.state)}
							/>
						</div>
						{total > 0 && (
							<span className="shrink-0">
								{said.counts(formatCount(completed + failed), formatCount(total))}
								{failed > 0 && <span className="text-bad"> · {said.failed(formatCount(failed))}</span>}
							</span>
						)}
						{isWorking && <Rate id={batch.id} />}
					</div>
				)}
			</div>
			<JobMenu label={said.actions(name)} actions={actionsOf(batch, hasOthers)} busy={busy} onChoose={choose} />
			{dialogs}
		</div>
	);
}

/** How fast it goes, in a figure and a line; nothing until there is something to tell. */
function Rate({ id }: { readonly id: string }) {
	const points = useBatches((state) => state.progress.get(id));
	const now = points === undefined ? null : rateNow(points);
	if (points === undefined || now === null) return null;
	return (
		<span className="hidden shrink-0 items-center gap-2 @md:flex">
			<Sparkline label={words.jobs.row.rateTrend} values={ratesOf(points)} width={72} height={20} />
			<span className="w-22 text-right">{rateWords(now)}</span>
		</span>
	);
}

/** When it is ready, or ended, or came. */
function whenOf(batch: BatchDetails): string {
	const said = words.jobs.row;
	const ended = endedAt(batch);
	if (ended !== null) return said.ended(formatMoment(ended * 1_000));
	const { forecast } = batch;
	const isGoing = batch.health.state === "on-time" || batch.health.state === "late" || batch.health.state === "waiting";
	if (forecast !== null && isGoing) return said.ready(formatMoment(forecast.finish_at.expected * 1_000));
	return said.came(formatMoment(batch.created_at * 1_000));
}
