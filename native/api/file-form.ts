/** The fields beside a file: what it is for and when it goes. */
import { err, ok, type Result } from "../base/base.ts";
import { type FileCreate, fileCreateSchema } from "../contract/contract.ts";
import { describeIssues } from "./body.ts";
import type { ApiFault } from "./errors.ts";
import type { FormFields } from "./multipart.ts";

/** Longest name kept: what file systems can hold, so that a download can be saved under it. */
const filenameLength = 255;
/** Stands in where a client gave no name. */
const namelessFile = "upload";

/** Checks the fields of `POST /v1/files`; `expires_after[anchor]` and `expires_after[seconds]` are one object. */
export function parseFileFields(fields: FormFields): Result<FileCreate, ApiFault> {
	const anchor = fields.get("expires_after[anchor]");
	const seconds = fields.get("expires_after[seconds]");
	const value = {
		purpose: fields.get("purpose"),
		...(anchor === undefined && seconds === undefined
			? {}
			: { expires_after: { anchor, seconds: wholeNumber(seconds) } }),
	};
	const parsed = fileCreateSchema.safeParse(value);
	return parsed.success ? ok(parsed.data) : err(describeIssues(parsed.error, value));
}

/** Form fields are text; what isn't a whole number stays text, so that the schema's complaint shows what was sent. */
function wholeNumber(text: string | undefined): number | string | undefined {
	return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : text;
}

/**
 * How long a file lives from its creation, in milliseconds; null: no clock takes it. Those for batches go by the ledger's rules:
 * after their results were collected, or when no batch ever read them.
 */
export function fileLifeMs(expiresAfter: FileCreate["expires_after"] | null): number | null {
	return expiresAfter === undefined || expiresAfter === null ? null : expiresAfter.seconds * 1000;
}

/** A client's file name made fit to keep and to show: no folders, no control characters, not endless, never empty. */
export function tidyFilename(filename: string): string {
	const name = filename.replace(/^.*[/\\]/s, "").replace(/\p{Cc}/gu, "");
	const short = Array.from(name).slice(0, filenameLength).join("");
	return short === "" || short === "." || short === ".." ? namelessFile : short;
}
