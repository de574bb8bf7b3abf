import { useState } from "react";
import type { BatchDetails, BatchRetry } from "../../native/contract/contract.ts";
import { Button, Dialog, Field, Notice, Segmented, TextInput } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { isWindow } from "./duplicate.ts";
import { retryLines } from "./job-commands.ts";

/** Asks which failed lines run again, and how soon. */
export function RetryDialog({
	batch,
	onClose,
	onDone,
}: {
	readonly batch: BatchDetails;
	readonly onClose: () => void;
	readonly onDone: (batch: BatchDetails) => void;
}) {
	const said = words.jobs.retry;
	const [which, setWhich] = useState<BatchRetry["lines"]>("may-pass");
	const [span, setSpan] = useState(batch.completion_window);
	const [isBusy, setIsBusy] = useState(false);
	const [fault, setFault] = useState<string | null>(null);
	const retry = async (): Promise<void> => {
		setIsBusy(true);
		const answer = await retryLines(batch.id, { lines: which, completion_window: span.trim() });
		setIsBusy(false);
		if (!answer.ok) return setFault(answer.error.message);
		onDone(answer.value);
		onClose();
	};
	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={said.title}
			description={said.body}
			actions={
				<>
					<Button onClick={onClose}>{words.common.cancel}</Button>
					<Button tone="primary" isBusy={isBusy} disabled={!isWindow(span)} onClick={() => void retry()}>
						{said.action}
					</Button>
				</>
			}
		>
			<div className="flex flex-col gap-4">
				<div className="flex flex-col items-start gap-1.5">
					<Segmented
						label={said.which}
						value={which}
						choices={[
							{ value: "may-pass", label: said.mayPass },
							{ value: "all", label: said.all },
						]}
						onChange={setWhich}
					/>
					<p className="text-sm text-muted">{which === "all" ? said.allDetail : said.mayPassDetail}</p>
				</div>
				<Field
					label={said.window}
					hint={said.windowHint}
					fault={isWindow(span) ? null : words.jobs.duplicate.notAWindow}
				>
					<TextInput className="max-w-32" value={span} onChange={(event) => setSpan(event.currentTarget.value)} />
				</Field>
				{fault !== null && <Notice tone="bad">{fault}</Notice>}
			</div>
		</Dialog>
	);
}
