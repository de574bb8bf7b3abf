/** From a reference to the files to fetch: asks the Hub what a repository holds. */
import { z } from "zod";
import { err, ok, type Result } from "../../base/base.ts";
import { chooseFiles, type HubFile } from "./choose-file.ts";
import type { DownloadFault } from "./downloads.ts";
import { isSafeFileName, type ModelReference } from "./reference.ts";
import { askJson, type WebDeps, type WebFault } from "./web.ts";

/** A file to fetch. */
export interface RemoteFile {
	readonly url: string;
	readonly fileName: string;
	/** Null: only the server of the file knows. */
	readonly sizeBytes: number | null;
	readonly sha256: string | null;
}

const revisionSchema = z.object({ sha: z.string().regex(/^[0-9a-f]{40}$/) });
const treeSchema = z.array(
	z.object({
		type: z.string(),
		path: z.string().max(1_024),
		size: z.int().min(0).default(0),
		lfs: z.object({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.int().min(0) }).optional(),
	}),
);

/** Pages of a thousand files: repositories of models have some tens. */
const MOST_PAGES = 8;

/** The files of a model, of one revision, so that parts of two never mix. */
export async function findRemoteFiles(
	reference: ModelReference,
	deps: WebDeps,
	signal: AbortSignal,
): Promise<Result<readonly RemoteFile[], DownloadFault>> {
	if (reference.kind === "address") {
		const fileName = decodeURIComponent(new URL(reference.url).pathname).split("/").at(-1) ?? "";
		return ok([{ url: reference.url, fileName, sizeBytes: null, sha256: null }]);
	}
	const { repository } = reference;
	const api = `${deps.hubAddress.replace(/\/+$/, "")}/api/models/${repository}`;
	const revision = await askJson(`${api}/revision/${encodeURIComponent(reference.revision)}`, deps, signal);
	if (!revision.ok) return err(inWords(revision.error, repository));
	const parsed = revisionSchema.safeParse(revision.value.value);
	if (!parsed.success) return err(strangeHub);
	const listed = await listFiles(`${api}/tree/${parsed.data.sha}?recursive=true`, repository, deps, signal);
	if (!listed.ok) return listed;
	const chosen = chooseFiles(listed.value, reference);
	if (!chosen.ok) return err({ kind: "reference", message: `${repository}: ${chosen.error.message}` });
	const base = `${deps.hubAddress.replace(/\/+$/, "")}/${repository}/resolve/${parsed.data.sha}`;
	const files = chosen.value.map(({ path, sizeBytes, sha256 }) => ({
		url: `${base}/${path.split("/").map(encodeURIComponent).join("/")}`,
		fileName: path.split("/").at(-1) ?? "",
		sizeBytes,
		sha256,
	}));
	if (files.every(({ fileName }) => isSafeFileName(fileName))) return ok(files);
	return err({ kind: "reference", message: "The file's name has characters that a name can't have here." });
}

async function listFiles(
	address: string,
	repository: string,
	deps: WebDeps,
	signal: AbortSignal,
): Promise<Result<readonly HubFile[], DownloadFault>> {
	const files: HubFile[] = [];
	let next: string | null = address;
	for (let page = 0; next !== null && page < MOST_PAGES; page++) {
		const answer = await askJson(next, deps, signal);
		if (!answer.ok) return err(inWords(answer.error, repository));
		const entries = treeSchema.safeParse(answer.value.value);
		if (!entries.success) return err(strangeHub);
		for (const { type, path, size, lfs } of entries.data) {
			if (type === "file") files.push({ path, sizeBytes: lfs?.size ?? size, sha256: lfs?.oid ?? null });
		}
		next = nextPage(answer.value.headers, next);
	}
	return ok(files);
}

/** The Hub names the next page in a header. It has to be the Hub's own. */
function nextPage(headers: Headers, current: string): string | null {
	const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(headers.get("link") ?? "")?.[1];
	if (link === undefined || !URL.canParse(link, current)) return null;
	const url = new URL(link, current);
	return url.origin === new URL(current).origin ? url.href : null;
}

const strangeHub: DownloadFault = {
	kind: "unreachable",
	message: "The Hub gave an answer that can't be read. Try again later, or check HF_ENDPOINT if you set it.",
};

function inWords({ kind, message }: WebFault, repository: string): DownloadFault {
	switch (kind) {
		case "gated":
			return { kind: "gated", message: `${repository}: ${message}` };
		case "later":
			return { kind: "unreachable", message };
		default:
			return { kind: "reference", message: `${repository}: ${message}` };
	}
}
