import type { BatchDetails } from "../../native/contract/contract.ts";
import { hasEnded } from "../state/batches.ts";
import { formatCount } from "../state/format.ts";
import { durabilityWords, useHasOthers } from "../state/machines.ts";
import { Button, type ButtonTone, ProgressBar, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { actionsOf, type JobAction } from "./job-actions.ts";
import { doneFraction, nameOf, toneOf } from "./job-list.ts";
import { actionIcons, JobMenu } from "./job-menu.tsx";
import { useJobActions } from "./use-job-actions.tsx";

/** What one most likely came to do has a button; the rest is in the menu. */
const likely: ReadonlySet<JobAction> = new Set(["queue", "resume", "pause", "results", "retry"]);

/** What the job is called, how it does, and what can be done to it. */
export function JobHeader({
	batch,
	onChanged,
	onDeleted,
}: {
	readonly batch: BatchDetails;
	readonly onChanged: (batch: BatchDetails) => void;
	readonly onDeleted: () => void;
}) {
	const { busy, choose, dialogs } = useJobActions(batch, { onChanged, onDeleted });
	const hasOthers = useHasOthers();
	const actions = actionsOf(batch, hasOthers);
	const name = nameOf(batch);
	const { completed, failed, total } = batch.request_counts;
	const tone = toneOf(batch.health.state);
	return (
		<header>
			<div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
				<div className="min-w-0">
					<div className="flex flex-wrap items-center gap-x-2.5 gap-y-1">
						<h1 className="text-xl font-semibold tracking-tight">{name}</h1>
						<Tag tone={tone}>{words.jobs.states[batch.health.state]}</Tag>
					</div>
					<p className="mt-0.5 text-muted">
						{batch.health.words}
						{hasOthers && ` · ${durabilityWords(batch.durability)}`}
					</p>
				</div>
				<div className="flex flex-wrap items-center gap-1.5">
					{actions
						.filter((action) => likely.has(action))
						.map((action) => {
							const Icon = actionIcons[action];
							return (
								<Button
									key={action}
									tone={lookOf(action)}
									icon={<Icon aria-hidden className="size-3.5" />}
									isBusy={busy === action}
									onClick={() => choose(action)}
								>
									{words.jobs.actions[action]}
								</Button>
							);
						})}
					<JobMenu
						label={words.jobs.row.actions(name)}
						actions={actions.filter((action) => !likely.has(action))}
						busy={busy}
						onChoose={choose}
					/>
				</div>
			</div>
			{!hasEnded(batch) && (
				<div className="mt-3 flex items-center gap-3 text-sm text-muted">
					<div className="grow">
						<ProgressBar
							label={words.jobs.row.progress(name)}
							fraction={doneFraction(batch)}
							tone={tone === "neutral" ? "accent" : tone}
						/>
					</div>
					{total > 0 && (
						<span className="shrink-0">
							{words.jobs.row.counts(formatCount(completed + failed), formatCount(total))}
						</span>
					)}
				</div>
			)}
			{dialogs}
		</header>
	);
}

function lookOf(action: JobAction): ButtonTone {
	return action === "queue" || action === "results" || action === "resume" ? "primary" : "plain";
}
