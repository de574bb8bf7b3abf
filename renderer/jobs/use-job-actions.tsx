import { type ReactNode, useState } from "react";
import type { BatchDetails } from "../../native/contract/contract.ts";
import { Confirm } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { DuplicateDialog } from "./duplicate-dialog.tsx";
import type { JobAction } from "./job-actions.ts";
import { command, deleteJob, download, type PlainCommand } from "./job-commands.ts";
import { nameOf, savedName } from "./job-list.ts";
import { MachinesDialog } from "./machines-dialog.tsx";
import { RetryDialog } from "./retry-dialog.tsx";

/** What became of a job by what was done to it. */
export interface JobEvents {
	readonly onChanged?: (batch: BatchDetails) => void;
	readonly onDeleted?: () => void;
}

/** A job's actions: `choose` begins one, `dialogs` asks what there is to ask. */
export interface JobActionsHandle {
	/** The action that goes on; null: none. */
	readonly busy: JobAction | null;
	readonly choose: (action: JobAction) => void;
	readonly dialogs: ReactNode;
}

type Question = "retry" | "machines" | "duplicate" | "cancel" | "delete";

/** What can be done to a job, with the questions that come before it. */
export function useJobActions(batch: BatchDetails, { onChanged, onDeleted }: JobEvents = {}): JobActionsHandle {
	const [question, setQuestion] = useState<Question | null>(null);
	const [busy, setBusy] = useState<JobAction | null>(null);
	const close = (): void => setQuestion(null);

	const run = async (name: PlainCommand): Promise<void> => {
		setBusy(name);
		const answer = await command(batch.id, name);
		setBusy(null);
		close();
		if (answer.ok) onChanged?.(answer.value);
	};
	const remove = async (): Promise<void> => {
		setBusy("delete");
		const answer = await deleteJob(batch.id);
		setBusy(null);
		close();
		if (answer.ok) onDeleted?.();
	};

	const choose = (action: JobAction): void => {
		switch (action) {
			case "queue":
			case "pause":
			case "resume":
				void run(action);
				return;
			case "results":
				if (batch.output_file_id !== null) download(batch.output_file_id, savedName(batch, "results"));
				return;
			case "errors":
				if (batch.error_file_id !== null) download(batch.error_file_id, savedName(batch, "errors"));
				return;
			case "retry":
			case "machines":
			case "duplicate":
			case "cancel":
			case "delete":
				setQuestion(action);
				return;
			default:
				action satisfies never;
		}
	};

	const name = nameOf(batch);
	const said = words.jobs;
	const dialogs = (
		<>
			{question === "retry" && <RetryDialog batch={batch} onClose={close} onDone={(changed) => onChanged?.(changed)} />}
			{question === "machines" && (
				<MachinesDialog batch={batch} onClose={close} onDone={(changed) => onChanged?.(changed)} />
			)}
			{question === "duplicate" && <DuplicateDialog batch={batch} onClose={close} />}
			<Confirm
				isOpen={question === "cancel"}
				title={said.cancel.title(name)}
				action={said.cancel.action}
				isBusy={busy === "cancel"}
				onConfirm={() => void run("cancel")}
				onClose={close}
			>
				{said.cancel.body}
			</Confirm>
			<Confirm
				isOpen={question === "delete"}
				title={said.remove.title(name)}
				action={said.remove.action}
				isBusy={busy === "delete"}
				onConfirm={() => void remove()}
				onClose={close}
			>
				{said.remove.body}
			</Confirm>
		</>
	);
	return { busy, choose, dialogs };
}
