import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import type { BatchLineDetails } from "../../native/contract/contract.ts";
import { formatCount, formatMoment } from "../state/format.ts";
import { useResource } from "../state/resource.ts";
import { Button, CopyButton, Dialog, Disclosure, Failure, join, Loading } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { FigureGrid } from "./figure-grid.tsx";
import { type Figure, formatSeconds } from "./figures.ts";
import type { LineNeighbours } from "./line-neighbours.ts";
import { type Turn, textOf, turnsOf } from "./line-text.ts";

/** One line as a whole: what was asked beside what was answered, then the JSON of both. */
export interface LineDialogProps extends LineNeighbours {
	readonly batchId: string;
	/** Counted from 0. */
	readonly line: number;
	readonly onGo: (line: number) => void;
	readonly onClose: () => void;
}

/** One line as a whole, in a window over the list. */
export function LineDialog({ batchId, line, previous, next, onGo, onClose }: LineDialogProps) {
	const { resource, reload } = useResource<BatchLineDetails>(
		`/api/batches/${encodeURIComponent(batchId)}/lines/${line}`,
	);
	const said = words.jobs.line;
	const isHere = resource.state === "there" && resource.value.line === line;
	return (
		<Dialog
			isOpen
			isWide
			onClose={onClose}
			title={said.title(formatCount(line + 1))}
			actions={
				<>
					<Button
						icon={<ChevronLeft aria-hidden className="size-3.5" />}
						disabled={previous === null}
						onClick={() => previous !== null && onGo(previous)}
					>
						{said.previous}
					</Button>
					<Button disabled={next === null} onClick={() => next !== null && onGo(next)}>
						{said.next}
						<ChevronRight aria-hidden className="size-3.5" />
					</Button>
				</>
			}
		>
			<div className="min-h-72">
				{resource.state === "failed" && <Failure error={resource.error} onRetry={reload} />}
				{resource.state !== "failed" && !isHere && <Loading />}
				{isHere && <Whole line={resource.value} />}
			</div>
		</Dialog>
	);
}

function Whole({ line }: { readonly line: BatchLineDetails }) {
	const said = words.jobs.line;
	const turns = turnsOf(line.request);
	const asked = turns.length > 0 ? turns : [{ who: said.roles.user, text: line.asked }];
	const answer = line.result === null ? null : (textOf(line.result) ?? line.answered);
	return (
		<div className="flex flex-col gap-4">
			<div className="grid grid-cols-1 gap-4 wide:grid-cols-2">
				<Side title={said.asked} copy={asked.map((turn) => turn.text).join("\n\n")} copyLabel={said.copyAsked}>
					{asked.map((turn, index) => (
						// biome-ignore lint/suspicious/noArrayIndexKey: turns have nothing else to tell them apart, and never move.
						<TurnView key={index} turn={turn} />
					))}
				</Side>
				<Side
					title={line.state === "failed" ? said.failed : said.answered}
					isBad={line.state === "failed"}
					copy={answer}
					copyLabel={said.copyAnswered}
				>
					{line.result === null ? (
						<p className="text-muted">{said.open}</p>
					) : (
						<p className={join("whitespace-pre-wrap", line.state === "failed" && "text-bad")}>
							{answer ?? <span className="text-muted">{said.noText}</span>}
						</p>
					)}
				</Side>
			</div>
			<FigureGrid figures={figuresOf(line)} isSmall />
			<JsonView label={said.request} value={line.request} />
			{line.result !== null && <JsonView label={said.result} value={line.result} />}
		</div>
	);
}

interface SideProps {
	readonly title: string;
	readonly copy: string | null;
	readonly copyLabel: string;
	readonly isBad?: boolean;
	readonly children: ReactNode;
}

function Side({ title, copy, copyLabel, isBad = false, children }: SideProps) {
	return (
		<section aria-label={title} className="flex min-w-0 flex-col rounded-md bg-canvas">
			<header className="flex h-9 items-center justify-between pr-1 pl-3">
				<h3 className={join("text-sm font-semibold", isBad && "text-bad")}>{title}</h3>
				{copy !== null && <CopyButton isIcon text={copy} label={copyLabel} />}
			</header>
			<div className="flex flex-col gap-3 px-3 pb-3">{children}</div>
		</section>
	);
}

function TurnView({ turn }: { readonly turn: Turn }) {
	return (
		<div>
			<p className="text-xs text-muted">{turn.who}</p>
			<p className="whitespace-pre-wrap">{turn.text}</p>
		</div>
	);
}

function JsonView({ label, value }: { readonly label: string; readonly value: object }) {
	return (
		<Disclosure label={label}>
			<div className="relative">
				<pre className="rounded-md bg-canvas p-3 font-mono text-xs whitespace-pre-wrap">
					{JSON.stringify(value, null, 2)}
				</pre>
				<div className="absolute top-1 right-1">
					<CopyButton isIcon text={() => JSON.stringify(value, null, 2)} label={words.jobs.line.copyJson} />
				</div>
			</div>
		</Disclosure>
	);
}

function figuresOf(line: BatchLineDetails): readonly Figure[] {
	const said = words.jobs.line;
	const { input_tokens: input, output_tokens: output } = line;
	const figures: (Figure | null)[] = [
		{ label: said.figures.id, value: line.custom_id },
		line.error_code === null ? null : { label: said.figures.code, value: line.error_code, isBad: true },
		line.model === null ? null : { label: said.figures.model, value: line.model },
		line.machine === null ? null : { label: said.figures.machine, value: line.machine },
		line.duration_seconds === null
			? null
			: { label: said.figures.seconds, value: formatSeconds(line.duration_seconds) },
		input === null || output === null
			? null
			: { label: said.figures.tokens, value: said.tokens(formatCount(input), formatCount(output)) },
		line.produced_at === null ? null : { label: said.figures.at, value: formatMoment(line.produced_at * 1_000) },
	];
	return figures.filter((figure) => figure !== null);
}
