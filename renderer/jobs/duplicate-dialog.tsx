import { useState } from "react";
import type { BatchDetails, BatchDraft, ModelList, Rehearsal } from "../../native/contract/contract.ts";
import { type Answer, call } from "../api/client.ts";
import { useResource } from "../state/resource.ts";
import { go } from "../state/route.ts";
import { Button, Dialog, Notice, say } from "../ui/ui.ts";
import { words } from "../words/words.ts";
import { draftOf, faultsOf, formOf } from "./duplicate.ts";
import { DuplicateFields } from "./duplicate-fields.tsx";

/** Makes a new job of the same file, with changes; it opens as the job was made. */
export function DuplicateDialog({ batch, onClose }: { readonly batch: BatchDetails; readonly onClose: () => void }) {
	const said = words.jobs.duplicate;
	const models = useResource<ModelList>("/v1/models").resource;
	const [form, setForm] = useState(() => formOf(batch, Date.now()));
	const [busy, setBusy] = useState<"rehearse" | "queue" | null>(null);
	const [refusal, setRefusal] = useState<string | null>(null);
	const faults = faultsOf(form);
	const isGone = batch.input_filename === null;
	const isReady = !isGone && faults.size === 0;

	const create = async (how: "rehearse" | "queue"): Promise<void> => {
		setBusy(how);
		setRefusal(null);
		const draft = draftOf(form, batch, Date.now());
		const made = how === "queue" ? await queue(draft) : await rehearse(draft);
		setBusy(null);
		if (!made.ok) return setRefusal(made.error.message);
		say(how === "queue" ? words.jobs.said.duplicated : words.jobs.said.rehearsing);
		onClose();
		go("jobs", made.value.id);
	};

	return (
		<Dialog
			isOpen
			onClose={onClose}
			title={said.title}
			description={said.body}
			actions={
				<>
					<Button
						disabled={!isReady || busy !== null}
						isBusy={busy === "rehearse"}
						onClick={() => void create("rehearse")}
					>
						{said.rehearse}
					</Button>
					<Button
						tone="primary"
						disabled={!isReady || busy !== null}
						isBusy={busy === "queue"}
						onClick={() => void create("queue")}
					>
						{said.action}
					</Button>
				</>
			}
		>
			{isGone ? (
				<Notice tone="warn">{said.fileGone}</Notice>
			) : (
				<div className="flex flex-col gap-4">
					<DuplicateFields
						form={form}
						faults={faults}
						models={models.state === "there" ? models.value.data.map((model) => model.id) : []}
						onChange={setForm}
					/>
					{refusal !== null && <Notice tone="bad">{refusal}</Notice>}
				</div>
			)}
		</Dialog>
	);
}

function queue(draft: BatchDraft): Promise<Answer<BatchDetails>> {
	return call<BatchDetails>("/api/batches", { body: draft });
}

async function rehearse(draft: BatchDraft): Promise<Answer<BatchDetails>> {
	const answer = await call<Rehearsal>("/api/batches/rehearse", { body: draft });
	return answer.ok ? { ok: true, value: answer.value.batch } : answer;
}
