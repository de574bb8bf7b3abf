/** What can be asked of the service about models. Answers are the service's; nothing is shown before them. */
import type { Download, DownloadCreate, MachineModel } from "../../native/contract/contract.ts";
import { type Answer, call } from "../api/client.ts";
import type { DownloadAction } from "./downloads.ts";

/** Deletes a model's file. */
export function deleteModel({ name }: Pick<MachineModel, "name">): Promise<Answer<unknown>> {
	return call(`/api/models/${encodeURIComponent(name)}`, { method: "DELETE" });
}

/** Begins a download. */
export function startDownload(reference: string): Promise<Answer<Download>> {
	return call("/api/models/downloads", { body: { reference } satisfies DownloadCreate });
}

/** Does something to a download; the answer is how it is then. Trying again is going on where it broke off. */
export function changeDownload(id: string, action: DownloadAction): Promise<Answer<Download>> {
	const path = `/api/models/downloads/${encodeURIComponent(id)}`;
	switch (action) {
		case "pause":
			return call(`${path}/pause`, { method: "POST" });
		case "resume":
		case "try-again":
			return call(`${path}/resume`, { method: "POST" });
		case "cancel":
		case "dismiss":
			return call(path, { method: "DELETE" });
		default:
			return action satisfies never;
	}
}
