/** The records of the mesh's members, a line each, in a file that only grows. */
import { readFileSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { err, errorCode, ok, parseJson, type Result, syncFolder } from "../../base/base.ts";
import type { MembershipStore } from "../membership/membership.ts";

/** Readable by its owner only, as the rest of the data folder. */
const OWNER_ONLY = 0o600;

/** Opens the file of members; where there is none there are no records. The failure is a sentence. */
export function openMemberFile(path: string): Result<MembershipStore, string> {
	const read = readLines(path);
	if (!read.ok) return read;
	const { lines, isTorn } = read.value;
	let tail: Promise<unknown> = Promise.resolve();
	/** A line that a power cut tore must be ended before the next. */
	let before = isTorn ? "\n" : "";

	async function write(text: string): Promise<Result<void, string>> {
		try {
			await mkdir(dirname(path), { recursive: true });
			const file = await open(path, "a", OWNER_ONLY);
			try {
				await file.writeFile(before + text);
				await file.sync();
			} finally {
				await file.close();
			}
			await syncFolder(dirname(path));
			before = "";
			return ok(undefined);
		} catch (error) {
			const code = errorCode(error);
			if (code === "") throw error;
			// Half a line may be there now.
			before = "\n";
			return err(`The members of the mesh could not be written down (${code}).`);
		}
	}

	return ok({
		load: () => lines,
		append(records) {
			const text = records.map((record) => `${JSON.stringify(record)}\n`).join("");
			const written = tail.then(() => write(text));
			tail = written;
			return written;
		},
	});
}

interface Lines {
	readonly lines: readonly unknown[];
	/** The last line has no end. */
	readonly isTorn: boolean;
}

function readLines(path: string): Result<Lines, string> {
	try {
		const text = readFileSync(path, "utf8");
		const lines = text.split("\n").filter((line) => line !== "");
		// A line that is no JSON counts as a record that is not right: the membership tells of it and leaves it out.
		return ok({ lines: lines.map((line) => parseJson(line)), isTorn: text !== "" && !text.endsWith("\n") });
	} catch (error) {
		const code = errorCode(error);
		if (code === "ENOENT") return ok({ lines: [], isTorn: false });
		if (code === "") throw error;
		return err(`The file of the mesh's members in the data folder can't be read (${code}).`);
	}
}
