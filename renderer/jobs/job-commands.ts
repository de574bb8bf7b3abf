/** Does things to jobs. What has changed shows when the service has answered, never before. */
import type { BatchDeleted, BatchDetails, BatchMachines, BatchRetry } from "../../native/contract/contract.ts";
import { type Answer, call } from "../api/client.ts";
import { applyBatches, useBatches } from "../state/batches.ts";
import { say } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Commands that need nothing but the job. */
export type PlainCommand = "queue" | "pause" | "resume" | "cancel";

const done: Record<PlainCommand, string> = {
	queue: words.jobs.said.queued,
	pause: words.jobs.said.paused,
	resume: words.jobs.said.resumed,
	cancel: words.jobs.said.cancelled,
};

/** Has the service do it; answers the job as it is then. Whether it did or not is said in passing. */
export async function command(id: string, name: PlainCommand): Promise<Answer<BatchDetails>> {
	const answer = await call<BatchDetails>(`/api/batches/${id}/${name}`, { method: "POST" });
	return tell(answer, done[name]);
}

/** Runs failed lines again. A refusal is for the dialog to show. */
export async function retryLines(id: string, wish: BatchRetry): Promise<Answer<BatchDetails>> {
	const answer = await call<BatchDetails>(`/api/batches/${id}/retry`, { body: wish });
	return answer.ok ? tell(answer, words.jobs.said.retried) : answer;
}

/** Says which machines may work on a job. A refusal is for the dialog to show. */
export async function chooseMachines(id: string, machines: BatchMachines): Promise<Answer<BatchDetails>> {
	const answer = await call<BatchDetails>(`/api/batches/${id}/machines`, { body: machines });
	return answer.ok ? tell(answer, words.mesh.choose.saved) : answer;
}

/** Deletes an ended job. */
export async function deleteJob(id: string): Promise<Answer<BatchDeleted>> {
	const answer = await call<BatchDeleted>(`/api/batches/${id}`, { method: "DELETE" });
	if (answer.ok) {
		useBatches.setState((state) => applyBatches(state, { changed: [], gone: [id] }, Date.now()));
		say(words.jobs.said.deleted);
	} else say(answer.error.message);
	return answer;
}

/** Has the browser fetch a file and save it under a name; the service adds the file's own ending. */
export function download(fileId: string, name: string): void {
	const link = document.createElement("a");
	link.href = `/v1/files/${encodeURIComponent(fileId)}/content?download_as=${encodeURIComponent(name)}`;
	link.download = "";
	link.click();
}

function tell(answer: Answer<BatchDetails>, what: string): Answer<BatchDetails> {
	if (answer.ok) {
		const batch = answer.value;
		useBatches.setState((state) =>
			state.byId.has(batch.id) ? applyBatches(state, { changed: [batch], gone: [] }, Date.now()) : state,
		);
		say(what);
	} else say(answer.error.message);
	return answer;
}
