import { FileText, X } from "lucide-react";
import { useEffect, useRef } from "react";
import { formatBytes } from "../state/format.ts";
import { Failure, IconButton, ProgressBar, Tag } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { cardState } from "./card-state.ts";
import { DraftView } from "./draft-view.tsx";
import { focusChooser } from "./focus.ts";
import { OptionsForm } from "./options-form.tsx";
import { discard, sendAgain } from "./sending.ts";
import { type FileCard, happen, useDrop } from "./store.ts";
import { StoredView } from "./stored-view.tsx";

const w = words.drop;

/** A file on the panel, from the drop to the queue. */
export function FileCardView({ card }: { readonly card: FileCard }) {
	const { key, name, sizeBytes } = card;
	const state = cardState(card);
	const heading = useRef<HTMLHeadingElement>(null);
	const hasFocus = useDrop(({ focusKey }) => focusKey === key);
	useEffect(() => {
		if (!hasFocus) return;
		heading.current?.focus();
		heading.current?.scrollIntoView({ block: "nearest" });
		happen({ kind: "focused" });
	}, [hasFocus]);
	const isBusy = card.phase.kind === "starting" || (card.phase.kind === "draft" && card.phase.isBusy);
	return (
		<article aria-labelledby={`${key}-name`} className="rounded-lg border border-line bg-surface p-4">
			<header className="flex items-center gap-2.5">
				<FileText aria-hidden className="size-4 shrink-0 text-muted" />
				<h2
					ref={heading}
					id={`${key}-name`}
					tabIndex={-1}
					title={name}
					className="min-w-0 truncate rounded-sm text-base font-semibold"
				>
					{name}
				</h2>
				{sizeBytes !== null && <span className="shrink-0 text-sm text-muted">{formatBytes(sizeBytes)}</span>}
				<span className="ml-auto shrink-0">
					<Tag tone={state.tone}>{state.label}</Tag>
				</span>
				<IconButton
					label={w.discardNamed(name)}
					disabled={isBusy}
					className="-mr-1.5"
					onClick={() => void discard(key).then(focusChooser)}
				>
					<X aria-hidden className="size-4" />
				</IconButton>
			</header>
			<div className="mt-3 flex flex-col gap-4">
				<Body card={card} />
			</div>
		</article>
	);
}

function Body({ card }: { readonly card: FileCard }) {
	const { phase, name, sizeBytes } = card;
	switch (phase.kind) {
		case "waiting":
			return <OptionsForm card={card} />;
		case "sending": {
			const fraction = phase.sentBytes === null || sizeBytes === null ? null : phase.sentBytes / Math.max(1, sizeBytes);
			const isKnown = phase.sentBytes !== null && sizeBytes !== null;
			return (
				<>
					<div>
						<ProgressBar label={w.progressOfUpload(name)} fraction={fraction} />
						<p className="mt-1.5 text-sm text-muted">
							{isKnown ? w.sendingBytes(formatBytes(phase.sentBytes), formatBytes(sizeBytes)) : w.copyingBody}
						</p>
					</div>
					<OptionsForm card={card} />
				</>
			);
		}
		case "unsent":
			return <Failure error={phase.error} onRetry={() => sendAgain(card.key)} />;
		case "stored":
			return <StoredView card={card} error={phase.error} />;
		case "starting":
			return (
				<div>
					<ProgressBar label={w.rehearsingProgress(name)} fraction={null} />
					<p className="mt-1.5 text-sm text-muted">{w.checkingBody}</p>
				</div>
			);
		case "draft":
			return <DraftView card={card} phase={phase} />;
		default:
			return phase satisfies never;
	}
}
