/** `/api/files/by-path`: files from this computer's own disk, read here instead of being sent through a window. Owner only. */
import { constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { isAbsolute, normalize } from "node:path";
import { Hono } from "hono";
import { assertNever, err, errorCode, ok, type Result } from "../base/base.ts";
import { fileByPathSchema } from "../contract/contract.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ApiEnv } from "./answer-headers.ts";
import { readJson } from "./body.ts";
import { type ApiFault, badRequest, diskFull, refuse } from "./errors.ts";
import { tidyFilename } from "./file-form.ts";
import type { ApiLimits } from "./limits.ts";
import { fileTooLarge } from "./multipart.ts";
import { renderFile } from "./render.ts";

/** What the route needs. */
export interface FilesByPathDeps {
	readonly ledger: Pick<Ledger, "storeBytes" | "createFile">;
	readonly limits: ApiLimits;
}

/** Read at a time: large reads for a fast disk, and little memory. */
const READ_BYTES = 1024 * 1024;

/** The disk gave up in the middle. Thrown, since an AsyncIterable has no other way to fail. */
class SourceBroken extends Error {
	readonly fault: ApiFault;

	constructor(fault: ApiFault, cause: unknown) {
		super(fault.message, { cause });
		this.name = "SourceBroken";
		this.fault = fault;
	}
}

/** Makes the route. */
export function createFilesByPathRoute({ ledger, limits }: FilesByPathDeps): Hono<ApiEnv> {
	return new Hono<ApiEnv>().post("/api/files/by-path", async (context) => {
		const body = await readJson(context.req.raw, fileByPathSchema, limits);
		if (!body.ok) return refuse(context, body.error);
		const { path, purpose } = body.value;
		const opened = await openFile(path, limits.fileBytes);
		if (!opened.ok) return refuse(context, opened.error);
		await using file = opened.value;
		const stored = await store(ledger, file, limits.fileBytes);
		if (!stored.ok) return refuse(context, stored.error);
		const filename = tidyFilename(path);
		return context.json(renderFile(await ledger.createFile({ filename, purpose, expiresAtMs: null }, stored.value)));
	});
}

/** Opens an ordinary file, also behind links; folders, devices and pipes are refused before a byte of them is read. */
async function openFile(path: string, limitBytes: number): Promise<Result<FileHandle, ApiFault>> {
	if (path.includes("\0") || !isAbsolute(path) || isDevice(path)) {
		return err(badRequest("'path' must be the whole path of a file on this computer.", "path", "invalid_path"));
	}
	let file: FileHandle;
	try {
		// Not blocking: who opens a pipe would otherwise wait until somebody writes into it.
		file = await open(await realpath(normalize(path)), constants.O_RDONLY | constants.O_NONBLOCK);
	} catch (error) {
		return err(unreadable(error));
	}
	// Looked at once it is open, so that nothing else can take its place in between.
	const { size } = await file.stat().then((found) => (found.isFile() ? found : { size: null }));
	if (size !== null && size <= limitBytes) return ok(file);
	await file.close();
	return err(size === null ? notOrdinary : fileTooLarge(limitBytes, "path"));
}

/** Windows' names for devices, which open no file. */
function isDevice(path: string): boolean {
	return process.platform === "win32" && /^[\\/]{2}[.?]/.test(path);
}

async function store(ledger: FilesByPathDeps["ledger"], file: FileHandle, limitBytes: number) {
	try {
		const stored = await ledger.storeBytes(chunksOf(file), limitBytes);
		if (stored.ok) return stored;
		switch (stored.error.kind) {
			case "disk-full":
				return err(diskFull);
			case "too-large":
				return err(fileTooLarge(limitBytes, "path"));
			default:
				return assertNever(stored.error);
		}
	} catch (error) {
		if (error instanceof SourceBroken) return err(error.fault);
		throw error;
	}
}

async function* chunksOf(file: FileHandle): AsyncGenerator<Uint8Array> {
	for (;;) {
		let chunk: Uint8Array;
		try {
			const { bytesRead, buffer } = await file.read(new Uint8Array(READ_BYTES), 0, READ_BYTES, null);
			chunk = buffer.subarray(0, bytesRead);
		} catch (error) {
			throw new SourceBroken(unreadable(error), error);
		}
		if (chunk.length === 0) return;
		yield chunk;
	}
}

const notOrdinary = badRequest("That is a folder or a device, not a file. Drop the files in it.", "path", "not_a_file");

/** What the system says of a path. Throws what it did not say. */
function unreadable(error: unknown): ApiFault {
	const code = errorCode(error);
	switch (code) {
		case "":
			throw error;
		case "ENOENT":
		case "ENOTDIR":
			return { status: 404, message: "There is no file at this path any more.", param: "path", code: "file_not_found" };
		case "EACCES":
		case "EPERM": {
			const message =
				"The system does not let Nightshift read this file. Give it the right, or copy the file elsewhere.";
			return { status: 403, message, param: "path", code: "file_not_readable" };
		}
		case "EISDIR":
		case "ENXIO":
			return notOrdinary;
		default:
			return badRequest(
				`The file can't be read (${code}). Copy it elsewhere and try again.`,
				"path",
				"file_not_readable",
			);
	}
}
