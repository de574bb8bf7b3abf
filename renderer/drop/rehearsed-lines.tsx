import { useState } from "react";
import type { RehearsedLine } from "../../native/contract/contract.ts";
import { formatCount } from "../state/format.ts";
import { Button, Disclosure, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { askedIn } from "./asked.ts";
import { formatSeconds } from "./forecast-words.ts";
import { LongText } from "./long-text.tsx";

/** Lines shown at first: the usual number of a rehearsal. */
const SHOWN_AT_FIRST = 5;

const w = words.drop;

/** What was asked beside what came of it. */
export function RehearsedLines({ lines }: { readonly lines: readonly RehearsedLine[] }) {
	const [isAll, setIsAll] = useState(false);
	const shown = isAll ? lines : lines.slice(0, SHOWN_AT_FIRST);
	return (
		<div>
			<h3 className="mb-2 text-sm font-semibold">{w.linesTitle}</h3>
			<ol className="divide-y divide-line rounded-md border border-line">
				{shown.map((line) => (
					<li key={line.line} className="px-3 py-2.5">
						<Line line={line} />
					</li>
				))}
			</ol>
			{lines.length > SHOWN_AT_FIRST && (
				<Button tone="quiet" className="mt-1.5" onClick={() => setIsAll(!isAll)}>
					{isAll ? w.showLess : w.showMore(formatCount(lines.length - SHOWN_AT_FIRST))}
				</Button>
			)}
		</div>
	);
}

function Line({ line }: { readonly line: RehearsedLine }) {
	const asked = askedIn(line.request);
	const figures = w.lineFigures(
		formatCount(line.input_tokens),
		formatCount(line.output_tokens),
		formatSeconds(line.seconds),
	);
	return (
		<>
			<p className="mb-1.5 flex flex-wrap items-baseline gap-x-2 text-xs text-muted">
				<span className="font-medium text-text">{line.custom_id}</span>
				{line.is_error && <Tag tone="bad">{w.failedLine}</Tag>}
				<span className="wide:ml-auto">{figures}</span>
			</p>
			<div className="grid gap-x-5 gap-y-2 wide:grid-cols-2">
				{asked !== null && (
					<div>
						<p className="text-xs font-medium text-muted">{w.asked}</p>
						<LongText text={asked.text} />
					</div>
				)}
				<div>
					<p className="text-xs font-medium text-muted">{w.answered}</p>
					<Answer line={line} />
				</div>
			</div>
			<div className="mt-2">
				<Disclosure label={asked?.system === null ? w.rawOnly : w.raw}>
					{asked !== null && asked.system !== null && <Raw title={w.system} text={asked.system} />}
					<Raw title={w.requestJson} text={JSON.stringify(line.request, null, 2)} isCode />
					<Raw title={w.resultJson} text={JSON.stringify(line.result, null, 2)} isCode />
				</Disclosure>
			</div>
		</>
	);
}

function Answer({ line: { text, result, is_error: isError } }: { readonly line: RehearsedLine }) {
	if (text !== null) return <LongText text={text} isBad={isError} />;
	const message = isError ? errorIn(result) : null;
	return message === null ? <p className="text-muted">{w.notText}</p> : <LongText text={message} isBad />;
}

function Raw({
	title,
	text,
	isCode = false,
}: {
	readonly title: string;
	readonly text: string;
	readonly isCode?: boolean;
}) {
	return (
		<div className="mb-2">
			<p className="text-xs font-medium text-muted">{title}</p>
			<div className="rounded-md bg-sunken px-2.5 py-1.5">
				<LongText text={text} isCode={isCode} />
			</div>
		</div>
	);
}

/** The first `message` below an `error`, in whatever dialect the answer is. */
function errorIn(value: unknown): string | null {
	if (typeof value !== "object" || value === null) return null;
	if ("message" in value && typeof value.message === "string") return value.message;
	for (const part of Object.values(value)) {
		const message = errorIn(part);
		if (message !== null) return message;
	}
	return null;
}
