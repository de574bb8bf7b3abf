import { createServer } from "node:http";
import OpenAI, { ConflictError, toFile } from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ClientTestService, LABEL_TASK, startClientTestService } from "./testing.ts";

let running: ClientTestService;
let client: OpenAI;

beforeAll(async () => {
	running = await startClientTestService();
	client = new OpenAI({ baseURL: `${running.url}/v1`, apiKey: "none needed", maxRetries: 2 });
	const { settings } = running.service;
	await settings.update({ models: { map: { "gpt-4o-mini": "demo" } } });
});
afterAll(() => running.stop());

/** A line as for a hosted API; a picture is what no model here can answer. */
function line(id: string, ticket: string, hasPicture = false): string {
	const picture = { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } };
	const messages = [
		{ role: "system", content: LABEL_TASK },
		{ role: "user", content: hasPicture ? [{ type: "text", text: ticket }, picture] : ticket },
	];
	const body = { model: "gpt-4o-mini", messages, max_tokens: 8, temperature: 0 };
	return `${JSON.stringify({ custom_id: id, method: "POST", url: "/v1/chat/completions", body })}\n`;
}

async function upload(text: string): Promise<string> {
	const file = await toFile(Buffer.from(text), "tickets.jsonl");
	return (await client.files.create({ file, purpose: "batch" })).id;
}

function wish(fileId: string) {
	const endpoint = "/v1/chat/completions" as const;
	return { input_file_id: fileId, endpoint, completion_window: "24h" as const };
}

/** Polls as scripts do, until the batch has ended. */
async function untilEnded(id: string): Promise<OpenAI.Batch> {
	for (;;) {
		const batch = await client.batches.retrieve(id);
		if (["completed", "failed", "expired", "cancelled"].includes(batch.status)) return batch;
		await new Promise((resolve) => setTimeout(resolve, 50));
	}
}

async function linesOf(fileId: string | null | undefined) {
	const content = await client.files.content(fileId ?? "");
	const text = await content.text();
	return {
		headers: content.headers,
		text,
		lines: text
			.trimEnd()
			.split("\n")
			.map((one) => JSON.parse(one)),
	};
}

test("a file made for a hosted model runs unchanged, and says which model answered", async () => {
	const batch = await client.batches.create(wish(await upload(line("a", "I was charged twice."))));
	const ended = await untilEnded(batch.id);
	expect(ended).toMatchObject({ status: "completed", model: "demo", request_counts: { completed: 1 } });
	const { lines, headers } = await linesOf(ended.output_file_id);
	expect(lines[0].response.body).toMatchObject({ model: "demo", choices: [{ message: { content: "billing" } }] });
	expect(headers.get("x-nightshift-stale")).toBe("false");
});

test("the error file is a batch file itself", async () => {
	const input = await upload(line("good", "My invoice is wrong.") + line("bad", "My invoice is wrong too.", true));
	const first = await untilEnded((await client.batches.create(wish(input))).id);
	expect(first.request_counts).toEqual({ total: 2, completed: 1, failed: 1 });
	const { text, lines } = await linesOf(first.error_file_id);
	expect(lines).toMatchObject([{ custom_id: "bad", response: { status_code: 400 }, method: "POST" }]);
	const again = await untilEnded((await client.batches.create(wish(await upload(text)))).id);
	expect(again.request_counts).toEqual({ total: 1, completed: 0, failed: 1 });
});

test("a key that comes again leads to the same batch, and with another body to one refusal and no more attempts", async () => {
	const fileId = await upload(line("k", "I can't log in."));
	const key = { headers: { "Idempotency-Key": "night-1" } };
	const batch = await client.batches.create(wish(fileId), key);
	expect((await client.batches.create(wish(fileId), key)).id).toBe(batch.id);
	const other = client.batches.create({ ...wish(fileId), metadata: { other: "yes" } }, key);
	await expect(other).rejects.toBeInstanceOf(ConflictError);
	await expect(other).rejects.toMatchObject({ status: 409, code: "idempotency_key_reused" });
});

test("results past their time are called stale", async () => {
	const past = { effective_until: Math.floor(Date.now() / 1_000) - 60, priority: "soon" };
	const fileId = await upload(line("s", "Please add a dark mode."));
	const batch = await client.batches.create(wish(fileId), { body: { ...wish(fileId), nightshift: past } });
	const ended = await untilEnded(batch.id);
	expect((await linesOf(ended.output_file_id)).headers.get("x-nightshift-stale")).toBe("true");
});

test("the end of a batch is told by a webhook that the package itself reads", async () => {
	const arrived = Promise.withResolvers<{ readonly body: string; readonly headers: Record<string, string> }>();
	const receiver = createServer((request, response) => {
		let body = "";
		request.on("data", (piece) => {
			body += piece;
		});
		request.on("end", () => {
			const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
			arrived.resolve({ body, headers: Object.fromEntries(headers) });
			response.end();
		});
	});
	await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
	const address = receiver.address();
	const host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
	try {
		const endpoints = [{ url: `http://${host}/hook`, events: ["completed" as const] }];
		await running.service.settings.update({ webhooks: { allowedHosts: [host], endpoints } });
		const batch = await client.batches.create(wish(await upload(line("w", "The app crashes at start."))));
		const { body, headers } = await arrived.promise;
		const secret = await running.service.notifier.secret();
		if (!secret.ok) throw new Error(secret.error);
		const event = await client.webhooks.unwrap(body, headers, secret.value);
		expect(event).toMatchObject({ type: "batch.completed", data: { id: batch.id } });
	} finally {
		await running.service.settings.update({ webhooks: { endpoints: [] } });
		receiver.close();
	}
});
