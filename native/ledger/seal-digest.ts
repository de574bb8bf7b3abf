import { hash } from "node:crypto";
import type { OpBody } from "./ops.ts";
import type { Digest, Seal } from "./records.ts";

/** Names how a batch ended: SHA-256 over the status and the digests of its files. Equal ends have equal names on all machines. */
export function sealDigest({ status, output, errors }: Pick<Seal, "status" | "output" | "errors">): Digest {
	return digestOf(status, output?.digest ?? null, errors?.digest ?? null);
}

/** As `sealDigest`, of what an operation says. */
export function digestOfSealed(
	content:
		| { readonly kind: "seal"; readonly body: OpBody<"seal"> }
		| { readonly kind: "published"; readonly body: OpBody<"published"> },
): Digest {
	if (content.kind === "published") return sealDigest(content.body);
	const { status, output, errors } = content.body;
	return digestOf(status, output, errors);
}

function digestOf(status: Seal["status"], output: Digest | null, errors: Digest | null): Digest {
	return hash("sha256", JSON.stringify([status, output, errors]), "hex");
}
