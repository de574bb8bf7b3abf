import { openAsBlob } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { basename } from "node:path";
import { z } from "zod";
import { err, errorCode, ok, type Result } from "../base/base.ts";
import { fileObjectSchema } from "../contract/contract.ts";
import type { ClientFailure, ServiceClient } from "./service-client.ts";

/** Taking in a file of gigabytes from a slow disk; the bytes go over loopback. */
const UPLOAD_LIMIT_MS = 3_600_000;

/**
 * Hands a file to the service, streamed from the disk, and has something made of it. What the service then does not use is
 * removed: `make` answers with the id of the file that is used, which may be that of an earlier call.
 */
export async function withUpload<Made>(
	client: ServiceClient,
	path: string,
	{ signal, fileOf }: { readonly signal?: AbortSignal; readonly fileOf: (made: Made) => string },
	make: (fileId: string) => Promise<Result<Made, ClientFailure>>,
): Promise<Result<Made, ClientFailure>> {
	const unreadable = await findUnreadable(path);
	if (unreadable !== null) return err({ kind: "refused", message: unreadable, status: 400, param: null });
	const form = new FormData();
	form.set("purpose", "batch");
	form.set("file", await openAsBlob(path), basename(path));
	const limits = { limitMs: UPLOAD_LIMIT_MS, ...(signal ? { signal } : {}) };
	const uploaded = await client.call("/v1/files", fileObjectSchema, { body: form, ...limits });
	if (!uploaded.ok) return uploaded;
	const { id } = uploaded.value;
	const made = await make(id);
	if (made.ok && fileOf(made.value) === id) return made;
	// Where this fails the file goes by itself some day; what was asked for is not the worse for it.
	await client.call(`/v1/files/${id}`, z.unknown(), { method: "DELETE" });
	return made.ok ? ok(made.value) : made;
}

/** Why a path is no file that can be read, in a sentence; null: it is one. */
export async function findUnreadable(path: string): Promise<string | null> {
	try {
		await access(path, constants.R_OK);
		return (await stat(path)).isFile() ? null : `${path} is not a file. Give a JSONL, CSV or TSV file.`;
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return `${path} can't be read (${errorCode(error)}).`;
	}
}
