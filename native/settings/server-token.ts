/** The secret our own tools show the running server: made anew at each start, in a file that only its owner can read. */
import { randomBytes } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { errorCode, ok, type Result } from "../base/base.ts";
import { editFile, type FileFault } from "./edit-file.ts";

/** The secret of a running server. */
export interface ServerToken {
	/** 64 hex digits. */
	readonly value: string;
	/** Takes the file away, unless another server's secret is in it by now. */
	remove(): void;
}

const TOKEN_BYTES = 32;

/** Makes a secret and writes it. Call it before the server listens, so that a tool that finds the server finds this too. */
export async function writeServerToken(path: string): Promise<Result<ServerToken, FileFault>> {
	const value = randomBytes(TOKEN_BYTES).toString("hex");
	const written = await editFile<FileFault>(path, () => ok(`${value}\n`));
	if (!written.ok) return written;
	return ok({
		value,
		remove() {
			if (readServerToken(path) === value) rmSync(path, { force: true });
		},
	});
}

/** The secret of the server that runs on this data folder; null when none does, or it is another user's. */
export function readServerToken(path: string): string | null {
	try {
		return readFileSync(path, "utf8").trim();
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return null;
	}
}
