/**
 * The API keys other programs open `/v1` with. Only their digests are kept: 32 random bytes can't be guessed from a SHA-256,
 * so no slow hash is needed.
 */
import { createHash, randomBytes, randomUUID, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { type Clock, err, errorCode, type Log, ok, type Result } from "../base/base.ts";
import { type ApiKey, type ApiKeyCreated, apiKeyNameSchema } from "../contract/contract.ts";
import { editFile, type FileFault } from "./edit-file.ts";
import { type FileVersion, fileVersion, noFile } from "./file-version.ts";

/** Why keys were not changed. Messages name no path. */
export type ApiKeyFault =
	| FileFault
	| { readonly kind: "bad-name"; readonly message: string }
	| { readonly kind: "too-many"; readonly message: string }
	| { readonly kind: "not-found"; readonly message: string }
	/** The file can't be understood; it is left as it is. */
	| { readonly kind: "broken"; readonly message: string };

/** The keys of this machine. Others may change their file meanwhile: every call looks whether somebody did. */
export interface ApiKeys {
	/** True: `/v1` demands a key. So it is as well while the file can't be understood: then no key opens anything. */
	readonly areRequired: boolean;
	/** Oldest first. */
	list(): readonly ApiKey[];
	/** Makes a key; its secret is seen this once. */
	make(name: string): Promise<Result<ApiKeyCreated, ApiKeyFault>>;
	/** From the next request on, the key opens nothing. */
	revoke(id: string): Promise<Result<ApiKey, ApiKeyFault>>;
	/** The key a secret belongs to, null when to none, in a time that tells nothing of how close it was. */
	verify(secret: string): ApiKey | null;
}

/** What keys are made from. */
export interface ApiKeysDeps {
	readonly path: string;
	readonly clock: Clock;
	readonly log: Log;
}

/** More than one per program on a machine; bounds what each request is compared with. */
const MOST_KEYS = 64;
const SECRET_BYTES = 32;
const PREFIX_LENGTH = 8;

const storedKeySchema = z.object({
	id: z.string(),
	name: z.string(),
	prefix: z.string(),
	/** SHA-256 of the secret, hex. */
	digest: z.string().regex(/^[0-9a-f]{64}$/),
	createdAtMs: z.number(),
});
type StoredKey = Readonly<z.infer<typeof storedKeySchema>>;
const fileSchema = z.object({ keys: z.array(storedKeySchema) });

const brokenFile: ApiKeyFault = {
	kind: "broken",
	message: "The file api-keys.json in the data folder can't be understood: mend it, or delete it with all keys.",
};

/** Opens the file of keys; that there is none is no fault. */
export function createApiKeys({ path, clock, log }: ApiKeysDeps): ApiKeys {
	const lastUsedAtMs = new Map<string, number>();
	let version: FileVersion = noFile;
	/** Null: the file can't be understood. */
	let keys: readonly StoredKey[] | null = [];

	function refresh(): readonly StoredKey[] | null {
		const present = fileVersion(path);
		if (present === version) return keys;
		version = present;
		const content = readKeys(path);
		keys = content.ok ? content.value : null;
		if (!content.ok) {
			log.error(
				{ path, problem: content.error },
				"api-keys.json can't be understood: until it is mended or deleted, /v1 opens to Nightshift's own tools only",
			);
		}
		return keys;
	}

	function describe({ id, name, prefix, createdAtMs }: StoredKey): ApiKey {
		return { id, name, prefix, createdAtMs, lastUsedAtMs: lastUsedAtMs.get(id) ?? null };
	}

	async function change<T>(
		edit: (keys: readonly StoredKey[]) => Result<{ keys: readonly StoredKey[]; answer: T }, ApiKeyFault>,
	): Promise<Result<T, ApiKeyFault>> {
		const done: { answer: T[] } = { answer: [] };
		const written = await editFile<ApiKeyFault>(path, (content) => {
			const present = content === null ? ok([]) : parseKeys(content);
			if (!present.ok) return err(brokenFile);
			const edited = edit(present.value);
			if (!edited.ok) return edited;
			done.answer = [edited.value.answer];
			return ok(`${JSON.stringify({ keys: edited.value.keys }, null, "\t")}\n`);
		});
		if (!written.ok) return written;
		const [answer] = done.answer;
		if (answer === undefined) throw new Error("A file was written that nothing was edited in");
		return ok(answer);
	}

	return {
		get areRequired() {
			return refresh()?.length !== 0;
		},
		list: () => (refresh() ?? []).map(describe),
		async make(rawName) {
			const name = apiKeyNameSchema.safeParse(rawName);
			if (!name.success) return err({ kind: "bad-name", message: name.error.issues[0]?.message ?? "Not a name." });
			const secret = `nsk_${randomBytes(SECRET_BYTES).toString("base64url")}`;
			const key: StoredKey = {
				id: `key_${randomUUID().replaceAll("-", "").slice(0, 12)}`,
				name: name.data,
				prefix: secret.slice(0, PREFIX_LENGTH),
				digest: digestOf(secret).toString("hex"),
				createdAtMs: clock.nowMs(),
			};
			return change((present) => {
				if (present.length < MOST_KEYS) {
					return ok({ keys: [...present, key], answer: { key: describe(key), secret } });
				}
				const message = `There are ${MOST_KEYS} keys, which is the most there can be: revoke one first.`;
				return err({ kind: "too-many", message });
			});
		},
		revoke(id) {
			return change((present) => {
				const key = present.find((candidate) => candidate.id === id);
				if (key === undefined) return err({ kind: "not-found", message: "There is no key of that id." });
				return ok({ keys: present.filter((candidate) => candidate !== key), answer: describe(key) });
			});
		},
		verify(secret) {
			const digest = digestOf(secret);
			let found: StoredKey | null = null;
			for (const key of refresh() ?? []) {
				if (timingSafeEqual(digest, Buffer.from(key.digest, "hex"))) found = key;
			}
			if (found === null) return null;
			lastUsedAtMs.set(found.id, clock.nowMs());
			return describe(found);
		},
	};
}

function digestOf(secret: string): Buffer {
	return createHash("sha256").update(secret).digest();
}

function readKeys(path: string): Result<readonly StoredKey[], string> {
	try {
		return parseKeys(readFileSync(path, "utf8"));
	} catch (error) {
		const code = errorCode(error);
		if (code === "") throw error;
		return code === "ENOENT" ? ok([]) : err(`It can't be read (${code}).`);
	}
}

function parseKeys(content: string): Result<readonly StoredKey[], string> {
	let value: unknown;
	try {
		value = JSON.parse(content);
	} catch (error) {
		if (!(error instanceof SyntaxError)) throw error;
		return err(`It is not valid JSON: ${error.message}.`);
	}
	const parsed = fileSchema.safeParse(value);
	return parsed.success ? ok(parsed.data.keys) : err(z.prettifyError(parsed.error));
}
