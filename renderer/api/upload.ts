import { type Answer, failureOf, offline } from "./client.ts";

/** A file on its way. */
export interface Upload {
	/** The file's id, once all of it is there. */
	readonly done: Promise<Answer<{ readonly id: string; readonly filename: string; readonly bytes: number }>>;
	abort(): void;
}

/**
 * Sends a file as it is read, whatever its size, and tells how much has gone. By XMLHttpRequest: fetch tells no progress of what it
 * sends.
 */
export function uploadFile(file: File, onProgress: (sentBytes: number) => void): Upload {
	const request = new XMLHttpRequest();
	const done = new Promise<Answer<{ readonly id: string; readonly filename: string; readonly bytes: number }>>(
		(resolve) => {
			request.upload.addEventListener("progress", ({ loaded }) => onProgress(Math.min(loaded, file.size)));
			request.addEventListener("load", () =>
				resolve(
					request.status < 300
						? { ok: true, value: JSON.parse(request.responseText) }
						: { ok: false, error: failureOf(request.status, request.responseText) },
				),
			);
			request.addEventListener("error", () => resolve({ ok: false, error: offline }));
			request.addEventListener("abort", () =>
				resolve({ ok: false, error: { ...offline, kind: "refused", message: "The upload was stopped." } }),
			);
		},
	);
	const form = new FormData();
	form.append("purpose", "batch");
	form.append("file", file, file.name);
	request.open("POST", "/v1/files");
	request.send(form);
	return { done, abort: () => request.abort() };
}
