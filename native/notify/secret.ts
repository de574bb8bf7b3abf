/** The secret that signs webhooks: made at the first need, kept, readable by its owner only. */
import { randomBytes } from "node:crypto";
import { ok } from "../base/base.ts";
import { editFile, type FileFault } from "../settings/edit-file.ts";

/** As Standard Webhooks advises: 24 to 64 bytes. */
const SECRET_BYTES = 32;
const SECRET = /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/;

/** Reads the secret, or makes it where the file has none. Throws where the file can't be written. */
export async function ensureSecret(path: string): Promise<string> {
	let secret = "";
	const written = await editFile<FileFault>(path, (content) => {
		const known = content?.trim() ?? "";
		secret = SECRET.test(known) ? known : `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
		return ok(`${secret}\n`);
	});
	if (!written.ok) throw new Error(`The secret that signs webhooks can't be kept: ${written.error.message}`);
	return secret;
}
