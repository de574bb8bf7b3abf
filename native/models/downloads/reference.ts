/** What people write to name a model that is not here yet. Pure. */
import { err, ok, type Result } from "../../base/base.ts";

/** A model that is somewhere else. */
export type ModelReference =
	| {
			readonly kind: "hub";
			/** `owner/name`. */
			readonly repository: string;
			readonly revision: string;
			/** A file of it; null: the one of the quantization. */
			readonly path: string | null;
			/** e.g. `Q4_K_M`; null: the usual one. */
			readonly quantization: string | null;
	  }
	| { readonly kind: "address"; readonly url: string };

const ownerOrName = "[A-Za-z0-9][A-Za-z0-9._-]{0,95}";
const hubPattern = new RegExp(`^(${ownerOrName}/${ownerOrName})(?::([A-Za-z0-9][A-Za-z0-9_.-]{0,31})|/(.+))?$`);
const hubPagePattern = new RegExp(
	`^/(${ownerOrName}/${ownerOrName})(?:/(?:resolve|blob)/([A-Za-z0-9._-]{1,96})/(.+))?$`,
);

/** Longest path inside a repository. */
const MOST_PATH_LENGTH = 512;
/** Longest name of a file: file systems take 255 bytes, and the one that is on its way has an ending more. */
const MOST_NAME_LENGTH = 200;

const forms =
	"Write hf:owner/repository, hf:owner/repository:Q4_K_M, hf:owner/repository/file.gguf, or the https address of a .gguf file.";

/** Reads a reference. Addresses of the Hub's pages are references to what they show. `hubAddress` may be plain http, others not. */
export function parseReference(text: string, hubAddress: string): Result<ModelReference, { readonly message: string }> {
	const trimmed = text.trim();
	if (/^hf:/i.test(trimmed)) {
		const match = hubPattern.exec(trimmed.slice("hf:".length).replace(/^\/\//, ""));
		if (match?.[1] === undefined) return err({ message: `This names no repository of the Hub. ${forms}` });
		return hubReference(match[1], "main", match[3] ?? null, match[2] ?? null);
	}
	if (!URL.canParse(trimmed)) return err({ message: `This is neither a reference nor an address. ${forms}` });
	const url = new URL(trimmed);
	if (!isAllowedAddress(url, hubAddress)) return err({ message: `Models are fetched over https only. ${forms}` });
	if (url.username !== "" || url.password !== "") return err({ message: "The address must hold no name or password." });
	if (url.origin === new URL(hubAddress).origin || url.hostname === "huggingface.co") {
		const page = hubPagePattern.exec(decode(url.pathname) ?? "");
		if (page?.[1] !== undefined) return hubReference(page[1], page[2] ?? "main", page[3] ?? null, null);
	}
	const name = decode(url.pathname)?.split("/").at(-1) ?? "";
	if (!isSafeFileName(name)) return err({ message: `The address has to end in the name of a .gguf file. ${forms}` });
	return ok({ kind: "address", url: url.href });
}

/** Whether bytes may come from there: https, or the mirror that the owner named. */
export function isAllowedAddress(url: URL, hubAddress: string): boolean {
	return url.protocol === "https:" || (url.protocol === "http:" && url.origin === new URL(hubAddress).origin);
}

/** Whether a model's file may have this name, on every system: no folders, nothing hidden, no odd characters. */
export function isSafeFileName(name: string): boolean {
	if (name.length > MOST_NAME_LENGTH || !/^[A-Za-z0-9][A-Za-z0-9 ._+()@=-]*\.gguf$/i.test(name)) return false;
	return !/^(?:con|prn|aux|nul|com\d|lpt\d)\./i.test(name);
}

function hubReference(
	repository: string,
	revision: string,
	path: string | null,
	quantization: string | null,
): Result<ModelReference, { readonly message: string }> {
	if (path !== null && !isSafePath(path)) {
		return err({ message: `'${path.slice(0, 100)}' is no path of a .gguf file inside a repository. ${forms}` });
	}
	if ([repository, revision].some((part) => part.includes(".."))) {
		return err({ message: `This names no repository of the Hub. ${forms}` });
	}
	return ok({ kind: "hub", repository, revision, path, quantization });
}

function isSafePath(path: string): boolean {
	const parts = path.split("/");
	const areFolders = parts.slice(0, -1).every((part) => /^[A-Za-z0-9][A-Za-z0-9 ._+()@=-]*$/.test(part));
	return path.length <= MOST_PATH_LENGTH && areFolders && isSafeFileName(parts.at(-1) ?? "");
}

function decode(path: string): string | null {
	try {
		return decodeURIComponent(path);
	} catch (error) {
		if (error instanceof URIError) return null;
		throw error;
	}
}
