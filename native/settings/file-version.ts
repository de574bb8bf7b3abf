/** Tells by one look at the file system whether a file changed. */
import { statSync } from "node:fs";
import { errorCode } from "../base/base.ts";

/** Differs whenever the file was written or replaced; the version of a file that isn't there is a word of its own. */
export type FileVersion = string;

/** The version of a file that isn't there. */
export const noFile: FileVersion = "none";

/** The present version of a file: a few microseconds' work. One that can't be looked at is not the same as one not there. */
export function fileVersion(path: string): FileVersion {
	try {
		const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
		return `${ino}:${size}:${mtimeNs}:${ctimeNs}`;
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		return code === "ENOENT" ? noFile : code;
	}
}
