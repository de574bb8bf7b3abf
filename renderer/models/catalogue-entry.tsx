import { Check, Download as DownloadIcon } from "lucide-react";
import { useState } from "react";
import type { CatalogueModel, Download } from "../../native/contract/contract.ts";
import type { ApiFailure } from "../api/client.ts";
import { formatBytes, formatPercent } from "../state/format.ts";
import { Button, say, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { type Having, havingOf } from "./catalogue.ts";
import { fractionOf } from "./downloads.ts";
import { startDownload } from "./model-commands.ts";

const text = words.models.more;

/** A model worth having. */
export function CatalogueEntry({
	model,
	freeBytes,
	downloads,
	onStarted,
}: {
	readonly model: CatalogueModel;
	/** Null: not known. */
	readonly freeBytes: number | null;
	readonly downloads: readonly Download[];
	readonly onStarted: (download: Download) => void;
}) {
	const [isBusy, setBusy] = useState(false);
	const [refused, setRefused] = useState<ApiFailure | null>(null);
	const having = havingOf(model, downloads);
	const start = async (): Promise<void> => {
		setBusy(true);
		const answer = await startDownload(model.reference);
		setBusy(false);
		setRefused(answer.ok ? null : answer.error);
		if (!answer.ok) return;
		onStarted(answer.value);
		say(text.started(answer.value.name));
	};
	const lacksSpace = having.state === "to-be-had" && freeBytes !== null && model.size_bytes > freeBytes;

	return (
		<article aria-label={model.title} className="flex h-full flex-col rounded-md border border-line px-3.5 py-3">
			<h4 className="flex flex-wrap items-center gap-x-2 font-medium">
				{model.title}
				{model.is_embedding && <Tag>{text.embedding}</Tag>}
			</h4>
			<p className="mt-0.5 text-muted">{model.purpose}</p>
			<p className="mt-1 mb-2.5 text-sm text-muted">{model.fit.words}</p>
			<div className="mt-auto flex flex-wrap items-center justify-between gap-x-3 gap-y-1.5">
				<p className="text-sm text-muted">
					<span className="font-medium text-text">{formatBytes(model.size_bytes)}</span>
					{" · "}
					<span className="sr-only">{text.license}</span> {model.license}
				</p>
				<Get having={having} title={model.title} isBusy={isBusy} onStart={() => void start()} />
			</div>
			{lacksSpace && <p className="mt-1.5 text-sm text-warn">{text.noSpace(formatBytes(freeBytes))}</p>}
			{refused !== null && (
				<p role="alert" className="mt-1.5 text-sm text-bad">
					{refused.message}
				</p>
			)}
		</article>
	);
}

function Get({
	having,
	title,
	isBusy,
	onStart,
}: {
	readonly having: Having;
	readonly title: string;
	readonly isBusy: boolean;
	readonly onStart: () => void;
}) {
	switch (having.state) {
		case "here":
			return (
				<span className="flex h-8 items-center gap-1.5 text-sm font-medium text-good" title={text.isHere(having.name)}>
					<Check aria-hidden className="size-3.5" />
					{text.isHereShort}
				</span>
			);
		case "on-its-way": {
			const fraction = fractionOf(having.download);
			return (
				<span className="flex h-8 items-center text-sm font-medium text-accent">
					{fraction === null ? text.onItsWay : text.onItsWayWith(formatPercent(fraction))}
				</span>
			);
		}
		case "to-be-had":
			return (
				<Button
					isBusy={isBusy}
					aria-label={text.downloadOf(title)}
					icon={<DownloadIcon aria-hidden className="size-3.5" />}
					onClick={onStart}
				>
					{text.download}
				</Button>
			);
		default:
			return having satisfies never;
	}
}
