import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { defaultBatchOptions, GEMINI_GENERATE_URL } from "../contract/contract.ts";
import { type SqliteUnderTest, sqliteUnderTest } from "../ledger/testing/sqlite.ts";
import { type ModelShelf, openShelf, storeFile, templateOf, wishFor } from "./file-testing.ts";
import { type BatchWish, draftManifest } from "./new-batch.ts";

let under: SqliteUnderTest;
let shelf: ModelShelf;
beforeEach(async () => {
	under = await sqliteUnderTest();
	shelf = openShelf(["local", "small"], { map: { "gpt-4o-mini": "small" } });
});
afterEach(async () => {
	shelf[Symbol.dispose]();
	await under.dispose();
});

const chat = '{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[]}}\n';
const embedding = '{"custom_id":"a","method":"POST","url":"/v1/embeddings","body":{"model":"m","input":"x"}}\n';

/** The manifest that comes of a file and what is chosen, or the refusal. */
async function draft(
	text: string,
	options: Parameters<typeof wishFor>[1] = {},
	changes: Partial<BatchWish> & { readonly filename?: string } = {},
) {
	const { filename, ...rest } = changes;
	const file = await storeFile(under.ledger, text, filename);
	const deps = {
		ledger: under.ledger,
		models: shelf.models,
		allowedHosts: () => ["hooks.example.com", "10.0.0.7:8080"],
	};
	const drafted = await draftManifest(deps, wishFor(file, options, rest));
	return drafted.ok ? drafted.value : drafted.error;
}

describe("a manifest", () => {
	test("says everything that was chosen, in our units, and is the same for the same wish", async () => {
		const file = await storeFile(under.ledger, chat);
		const policy = { ...defaultBatchOptions.policy, line_tokens: 9 };
		const options = { priority: "soon", not_before: 1_700_000_000, effective_until: 1_800_000_000, policy } as const;
		const changes = {
			surface: "anthropic",
			badLines: "fail-line",
			windowMs: 5,
			rehearsal: { lines: 3, spread: true },
		} as const;
		const deps = { ledger: under.ledger, models: shelf.models, allowedHosts: () => [] };
		const drafted = await draftManifest(deps, wishFor(file, options, changes));
		expect(drafted).toEqual({
			ok: true,
			value: {
				surface: "anthropic",
				inputFileId: file.id,
				format: "openai",
				template: null,
				badLines: "fail-line",
				endpoint: "/v1/chat/completions",
				completionWindow: "24h",
				windowMs: 5,
				metadata: null,
				modelOverride: null,
				outputExpiresAfterMs: null,
				priority: "soon",
				notBeforeMs: 1_700_000_000_000,
				effectiveUntilMs: 1_800_000_000_000,
				policy,
				rehearsal: { lines: 3, spread: true },
				webhookUrl: null,
				reuseAnswers: true,
			},
		});
		expect(await draftManifest(deps, wishFor(file, options, changes))).toEqual(drafted);
	});

	test.each([
		['{"custom_id":"a","params":{}}\n', "anthropic", "/v1/messages"],
		['{"key":"a","request":{}}\n', "gemini", GEMINI_GENERATE_URL],
		['{"request":{}}\n', "vertex", GEMINI_GENERATE_URL],
		['{"messages":[]}\n', "messages", "/v1/chat/completions"],
	])("of %j has the file's dialect and its own endpoint, whatever was asked for", async (text, format, endpoint) => {
		for (const asked of [null, "/v1/embeddings", "/v1/nothing"]) {
			expect(await draft(text, {}, { endpoint: asked })).toMatchObject({ format, endpoint });
		}
	});

	test("of OpenAI's lines has the endpoint asked for, else that of the first line", async () => {
		expect(await draft(embedding)).toMatchObject({ format: "openai", endpoint: "/v1/embeddings" });
		expect(await draft(embedding, {}, { endpoint: "/v1/responses" })).toMatchObject({ endpoint: "/v1/responses" });
		expect(await draft("nonsense\n")).toMatchObject({ format: "openai", endpoint: "/v1/chat/completions" });
	});

	test("takes the dialect that was named over the one that shows", async () => {
		expect(await draft(chat, { format: "anthropic" })).toMatchObject({ format: "anthropic", endpoint: "/v1/messages" });
	});

	test("of a table has its template", async () => {
		const template = templateOf("Classify: {{text}}");
		const changes = { filename: "tickets.csv" };
		expect(await draft("id,text\n1,a\n", { template }, changes)).toMatchObject({ format: "csv", template });
		expect(await draft("id;text\n", { template, format: "csv" })).toMatchObject({ format: "csv" });
	});

	test("has the path of the model that answers every line, by its name or the owner's map", async () => {
		expect(await draft(chat, { model: "local" })).toMatchObject({ modelOverride: shelf.pathOf("local") });
		expect(await draft(chat, { model: "gpt-4o-mini" })).toMatchObject({ modelOverride: shelf.pathOf("small") });
		expect(await draft(chat, { model: "local" }, { modelOverride: "/m.gguf" })).toMatchObject({
			modelOverride: "/m.gguf",
		});
	});

	test("has a webhook to a host that is allowed, with its port", async () => {
		for (const url of ["https://hooks.example.com/x?y=1", "http://10.0.0.7:8080/"]) {
			expect(await draft(chat, { webhook_url: url })).toMatchObject({ webhookUrl: url });
		}
	});
});

describe("a wish is refused", () => {
	test("for a file that is not there, or was not sent for a batch", async () => {
		const deps = { ledger: under.ledger, models: shelf.models, allowedHosts: () => [] };
		const refused = await draftManifest(deps, wishFor({ id: "file-none" }));
		expect(refused).toMatchObject({ ok: false, error: { kind: "file-not-found", param: "input_file_id" } });
		const file = await storeFile(under.ledger, chat, "input.jsonl", "assistants");
		expect(await draftManifest(deps, wishFor(file))).toMatchObject({ ok: false, error: { kind: "wrong-purpose" } });
	});

	test("for an endpoint that is not served to OpenAI's lines", async () => {
		const refused = { kind: "unsupported-endpoint", param: "endpoint" };
		expect(await draft(chat, {}, { endpoint: "/v1/moderations" })).toMatchObject({
			...refused,
			message:
				"The endpoint /v1/moderations is not served in batches; use one of /v1/chat/completions, /v1/completions, /v1/embeddings, /v1/responses.",
		});
		expect(await draft(chat, {}, { endpoint: "/v1/messages" })).toMatchObject(refused);
		expect(await draft(chat.replace("chat/completions", "images"))).toMatchObject({
			...refused,
			message: expect.stringMatching(/^The url of the first line, \/v1\/images, is not served/),
		});
	});

	test("for a table without a template, or with one that does not fit", async () => {
		const refused = (param: string) => ({ kind: "bad-template", param });
		const table = "id,text\n1,a\n";
		const asCsv = { filename: "tickets.csv" };
		expect(await draft(table, {}, asCsv)).toMatchObject(refused("template"));
		expect(await draft(table, { template: templateOf("{{body}}") }, asCsv)).toMatchObject(refused("template"));
		expect(await draft("id,id\n", { template: templateOf("{{id}}") }, asCsv)).toMatchObject(refused("input_file_id"));
		expect(await draft(chat, { template: templateOf("{{id}}") })).toMatchObject(refused("template"));
	});

	test("for a model that is not here, and never takes its name for a path", async () => {
		const refused = {
			kind: "model-not-found",
			param: "model",
			message: expect.stringMatching(/There are: local, small/),
		};
		expect(await draft(chat, { model: "gpt-9" })).toMatchObject(refused);
		expect(await draft(chat, { model: shelf.pathOf("local") })).toMatchObject(refused);
	});

	test("for a webhook to a host that is not allowed", async () => {
		for (const host of ["evil.example.com", "hooks.example.com:8443", "hooks.example.com.evil.com", "10.0.0.7"]) {
			expect(await draft(chat, { webhook_url: `https://${host}/` })).toMatchObject({
				kind: "webhook-not-allowed",
				param: "webhook_url",
				message: expect.stringContaining(`'${host}'`),
			});
		}
	});
});

test("a manifest names machines only where not all may work on it, so that those of before stay the same", async () => {
	expect(await draft(chat)).not.toHaveProperty("machines");
	const machines = { only: null, never: ["attic"] };
	expect(await draft(chat, { machines })).toMatchObject({ machines });
});
