import { useEffect, useState } from "react";
import type { BatchDetails, BatchErrorObject } from "../../native/contract/contract.ts";
import { ask } from "../api/client.ts";
import { formatCount } from "../state/format.ts";
import { Button, CopyButton, join, Notice } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { faultsAsText, readLines, textOfFault } from "./fault-text.ts";
import { type FileCard, fileIdOf } from "./store.ts";

/** Faults shown at a time: some screens; the service lists a thousand at most. */
const PAGE = 50;

const w = words.drop;
const heads = [w.line, w.field, w.fault, w.text];

/** Why a file was refused, or its rehearsal could not go on: every fault with its line, field, message and text. */
export function Faults({ card, batch }: { readonly card: FileCard; readonly batch: BatchDetails }) {
	const all = batch.errors?.data ?? [];
	const lines = useLines(card, all);
	const [shown, setShown] = useState(PAGE);
	if (batch.in_progress_at !== null) {
		return (
			<Notice tone="bad" title={w.failedTitle}>
				{all[0]?.message ?? batch.health.words}
			</Notice>
		);
	}
	// Beyond those listed there is a last one, of no line, that says how many more there are.
	const ofLines = all.filter(({ line }) => line !== null);
	const ofFile = all.filter(({ line }) => line === null);
	const isCut = ofLines.length > 0 && ofFile.length > 0;
	const count = formatCount(isCut ? ofLines.length : all.length);
	return (
		<>
			<Notice tone="bad" title={isCut ? w.faultsMoreTitle(count) : w.faultsTitle(count, all.length === 1)}>
				{ofFile.map(({ message }) => (
					<p key={message}>{message}</p>
				))}
				{!isCut && ofLines.length > 0 && <p className="text-muted">{w.faultsHint}</p>}
			</Notice>
			{ofLines.length > 0 && <FaultTable name={card.name} faults={ofLines.slice(0, shown)} lines={lines} />}
			{ofLines.length > 0 && (
				<div className="-mt-1.5 flex flex-wrap gap-2">
					{ofLines.length > shown && (
						<Button onClick={() => setShown(shown + PAGE)}>
							{w.showMore(formatCount(Math.min(PAGE, ofLines.length - shown)))}
						</Button>
					)}
					<CopyButton label={w.copyFaults} text={() => faultsAsText(all, lines, heads)} />
				</div>
			)}
		</>
	);
}

interface FaultTableProps {
	readonly name: string;
	readonly faults: readonly BatchErrorObject[];
	readonly lines: ReadonlyMap<number, string>;
}

/** A table where there is room; in the popover each fault is a block of its own. */
function FaultTable({ name, faults, lines }: FaultTableProps) {
	return (
		<div className="overflow-hidden rounded-md border border-line">
			<table aria-label={w.faultsTable(name)} className="block w-full text-left wide:table wide:table-fixed">
				<thead className="sr-only wide:not-sr-only wide:table-header-group">
					<tr className="bg-sunken text-xs text-muted">
						{heads.map((head, index) => (
							<th key={head} scope="col" className={join("px-3 py-1.5 font-medium", widths[index])}>
								{head}
							</th>
						))}
					</tr>
				</thead>
				<tbody className="block divide-y divide-line wide:table-row-group">
					{faults.map((fault) => (
						<tr
							key={`${fault.line} ${fault.param} ${fault.message}`}
							className="block px-3 py-2 wide:table-row *:wide:px-3 *:wide:py-2 *:wide:align-top"
						>
							<td className="inline-block pr-3 text-muted wide:table-cell wide:text-text">
								<span className="wide:hidden">{w.line} </span>
								{fault.line === null ? "" : formatCount(fault.line)}
							</td>
							<td className="inline font-mono text-xs/5 wide:table-cell">{fault.param ?? ""}</td>
							<td className="block wide:table-cell">{fault.message}</td>
							<td className="block font-mono text-xs/5 text-muted wide:table-cell">
								{textOfFault(fault, lines) ?? ""}
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
}

const widths = ["w-18", "w-1/5", "w-2/5", ""] as const;

/** The lines that faults are about, out of the file in hand or, for one that only the service has, from there. */
function useLines(card: FileCard, faults: readonly BatchErrorObject[]): ReadonlyMap<number, string> {
	const [lines, setLines] = useState<ReadonlyMap<number, string>>(new Map());
	const { source } = card;
	const fileId = fileIdOf(card);
	useEffect(() => {
		const wanted = new Set(faults.flatMap(({ line }) => (line === null ? [] : [line])));
		if (wanted.size === 0) return;
		const stop = new AbortController();
		const read = async (): Promise<void> => {
			const stream = source.kind === "file" ? source.file.stream() : await streamOf(fileId, stop.signal);
			if (stream === null) return;
			const found = await readLines(stream, wanted);
			if (!stop.signal.aborted) setLines(found);
		};
		read().catch((error: unknown) => {
			// The file was changed or taken away meanwhile, or nobody looks any more: the faults themselves are there all the same.
			if (!(error instanceof DOMException)) throw error;
		});
		return () => stop.abort();
	}, [source, fileId, faults]);
	return lines;
}

async function streamOf(
	fileId: string | null,
	signal: AbortSignal,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null> {
	if (fileId === null) return null;
	const answer = await ask(`/v1/files/${encodeURIComponent(fileId)}/content`, { signal });
	return answer.ok ? answer.value.body : null;
}
