import { useEffect } from "react";
import type { BatchDetails, Rehearsal } from "../../native/contract/contract.ts";
import { useBatches } from "../state/batches.ts";
import { formatCount } from "../state/format.ts";
import { Button, join, Notice, ProgressBar, say } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { DiscardButton } from "./discard-button.tsx";
import { queue, rehearse } from "./drafts.ts";
import { Faults } from "./faults.tsx";
import { focusChooser } from "./focus.ts";
import { ForecastView } from "./forecast-view.tsx";
import { ModelChoice } from "./model-choice.tsx";
import { isSameChoice } from "./options.ts";
import { OptionsForm } from "./options-form.tsx";
import { RehearsedLines } from "./rehearsed-lines.tsx";
import { readTable } from "./sending.ts";
import { type DraftPhase, type FileCard, happen } from "./store.ts";
import { areGood } from "./stored-view.tsx";
import { TemplateForm } from "./template-form.tsx";

const w = words.drop;

/** A draft: what its rehearsal shows, and what to do about it. */
export function DraftView({ card, phase }: { readonly card: FileCard; readonly phase: DraftPhase }) {
	const { rehearsal, error } = phase;
	// biome-ignore lint/correctness/useExhaustiveDependencies: once for each file; what is chosen for it changes nothing of its table.
	useEffect(() => void readTable(card), [card.key]);
	const hasChanged = !isSameChoice(card.options, phase.made);
	if (rehearsal?.batch.status === "failed") {
		return <RefusedView card={card} phase={phase} batch={rehearsal.batch} hasChanged={hasChanged} />;
	}
	return (
		<>
			{rehearsal?.is_finished !== true && <Rehearsing card={card} phase={phase} />}
			{rehearsal !== null && <Rehearsed rehearsal={rehearsal} />}
			{card.table !== null && hasChanged && <TemplateForm card={card} table={card.table} />}
			<OptionsForm card={card} />
			{error !== null && <Notice tone="bad">{error.message}</Notice>}
			{hasChanged && <p className="text-sm text-muted">{w.changed}</p>}
			<Buttons card={card} phase={phase} hasChanged={hasChanged} />
		</>
	);
}

interface RefusedProps extends ButtonsProps {
	readonly batch: BatchDetails;
}

/** Nothing of it can run as it is: why, and what can be chosen otherwise. Where another model mends it, that choice comes first. */
function RefusedView({ card, phase, batch, hasChanged }: RefusedProps) {
	const isOfModel = card.table === null && batch.errors?.data.some(({ code }) => code === "model_not_found") === true;
	const buttons = <Buttons card={card} phase={phase} hasChanged={hasChanged} />;
	return (
		<>
			{phase.error !== null && <Notice tone="bad">{phase.error.message}</Notice>}
			{isOfModel && (
				<div className="flex flex-col gap-3 rounded-md bg-sunken p-3">
					<p>{w.otherModel}</p>
					<ModelChoice card={card} />
					{buttons}
				</div>
			)}
			<Faults card={card} batch={batch} />
			{card.table !== null && <TemplateForm card={card} table={card.table} />}
			{!isOfModel && (
				<>
					<OptionsForm card={card} />
					{buttons}
				</>
			)}
		</>
	);
}

function Rehearsing({ card, phase }: { readonly card: FileCard; readonly phase: DraftPhase }) {
	const { rehearsal, batchId, made } = phase;
	const told = useBatches((state) => state.byId.get(batchId));
	const batch = told ?? rehearsal?.batch;
	const wanted = Math.min(Number(made.rehearsedLines), batch?.request_counts.total ?? 0);
	const done = rehearsal?.lines.length ?? 0;
	return (
		<div>
			<ProgressBar
				label={w.rehearsingProgress(card.name)}
				fraction={wanted === 0 || done === 0 ? null : done / wanted}
			/>
			{wanted > 0 && (
				<p className="mt-1.5 text-sm text-muted">{w.rehearsedSoFar(formatCount(done), formatCount(wanted))}</p>
			)}
			<p className={join("text-sm text-muted first-letter:uppercase", wanted === 0 && "mt-1.5")}>
				{batch?.health.words ?? w.checkingBody}
			</p>
		</div>
	);
}

function Rehearsed({ rehearsal }: { readonly rehearsal: Rehearsal }) {
	const { lines, forecast, batch } = rehearsal;
	const failed = lines.filter(({ is_error: isError }) => isError).length;
	return (
		<>
			{failed > 0 && rehearsal.is_finished && (
				<Notice tone="warn">{w.someFailed(formatCount(failed), formatCount(lines.length))}</Notice>
			)}
			{lines.length > 0 && <RehearsedLines lines={lines} />}
			{rehearsal.is_finished && forecast !== null && <ForecastView forecast={forecast} />}
			{batch.notices.length > 0 && (
				<Notice title={w.noticesTitle(formatCount(batch.notices.length), batch.notices.length === 1)}>
					<ul className="text-sm text-muted">
						{batch.notices.map(({ line, message }) => (
							<li key={`${line} ${message}`}>
								{line === null ? message : `${w.lineNumber(formatCount(line))}: ${message}`}
							</li>
						))}
					</ul>
				</Notice>
			)}
		</>
	);
}

interface ButtonsProps {
	readonly card: FileCard;
	readonly phase: DraftPhase;
	readonly hasChanged: boolean;
}

function Buttons({ card, phase, hasChanged }: ButtonsProps) {
	const { rehearsal, isBusy, made } = phase;
	const enqueue = async (): Promise<void> => {
		if (!(await queue(card.key))) return;
		say(w.queued(card.name), w.queuedBody);
		focusChooser();
	};
	return (
		<div className="flex flex-wrap justify-end gap-2">
			<DiscardButton card={card} isDisabled={isBusy} />
			{hasChanged ? (
				<>
					<Button onClick={() => happen({ kind: "chosen", key: card.key, options: made })}>{w.undo}</Button>
					<Button tone="primary" isBusy={isBusy} disabled={!areGood(card)} onClick={() => void rehearse(card.key)}>
						{w.rehearseAgain}
					</Button>
				</>
			) : (
				rehearsal?.batch.status !== "failed" && (
					<Button
						tone="primary"
						isBusy={isBusy}
						disabled={rehearsal?.is_finished !== true}
						title={rehearsal?.is_finished === true ? undefined : w.waitsForRehearsal}
						onClick={() => void enqueue()}
					>
						{w.looksRight}
					</Button>
				)
			)}
		</div>
	);
}
