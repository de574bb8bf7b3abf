import { decodeContent, type StoredOp } from "./log.ts";
import { KNOWN_KINDS, type OpContent } from "./ops.ts";
import type { StoredBytes } from "./records.ts";

/**
 * The blobs that must be on this machine before an operation may be stored here: what a machine says is safe is there with its
 * bytes. Inputs are not among them; they are fetched where they are worked on. Operations that this program does not know, or that
 * make no sense, need none.
 */
export function blobsOf(op: Pick<StoredOp, "kind" | "body">): StoredBytes["blobs"] {
	if (!KNOWN_KINDS.includes(op.kind)) return [];
	let content: OpContent;
	try {
		content = decodeContent(op);
	} catch {
		// Nothing of it will be folded either.
		return [];
	}
	switch (content.kind) {
		case "segment":
		case "indexed":
			return [{ digest: content.body.digest, sizeBytes: content.body.sizeBytes }];
		case "seal":
			return [...(content.body.outputFile?.blobs ?? []), ...(content.body.errorFile?.blobs ?? [])];
		case "published":
			return [...(content.body.output?.blobs ?? []), ...(content.body.errors?.blobs ?? [])];
		default:
			return [];
	}
}
