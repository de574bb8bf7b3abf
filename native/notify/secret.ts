/** The secret that signs webhooks: made at the first need, kept, readable by its owner only. */
import { randomBytes } from "node:crypto";
import { err, ok, type Result } from "../base/base.ts";
import { editFile, type FileFault } from "../settings/edit-file.ts";

/** As Standard Webhooks advises: 24 to 64 bytes. */
const SECRET_BYTES = 32;
const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** Reads the secret, or makes it where the file has none. The failure is a sentence. */
export async function ensureSecret(path: string): Promise<Result<string, string>> {
	let secret = "";
	const written = await editFile<FileFault>(path, (content) => {
		const known = content?.trim() ?? "";
		secret = SECRET.test(known) ? known : `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
		return ok(`${secret}\n`);
	});
	return written.ok ? ok(secret) : err(`The secret that signs webhooks can't be kept: ${written.error.message}`);
}

/** As `ensureSecret`, and remembers it. A failure is not kept: the disk may be mended by the next time. */
export function createSecret(path: string): () => Promise<Result<string, string>> {
	let kept: string | null = null;
	return async () => {
		if (kept !== null) return ok(kept);
		const found = await ensureSecret(path);
		if (found.ok) kept = found.value;
		return found;
	};
}
