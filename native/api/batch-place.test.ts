import { afterEach, beforeEach, expect, test } from "vitest";
import {
	batchDetailsSchema,
	errorEnvelopeSchema,
	extendedBatchSchema,
	fileObjectSchema,
	rehearsalSchema,
} from "../contract/contract.ts";
import { createMemoryMesh, type MemoryMesh, machineId, sampleMember } from "../mesh/testing.ts";
import { fileForm, startTestApi, type TestApi } from "./testing.ts";

let mesh: MemoryMesh;
let api: TestApi;
let input_file_id: string;
const attic = machineId("attic");
const desk = machineId("desk");
const line = '{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[]}}\n';

beforeEach(async () => {
	api = await startTestApi({
		mesh(ledger) {
			mesh = createMemoryMesh({ ledger });
			return mesh;
		},
	});
	input_file_id = (await api.client.files.create({ file: new File([line], "tickets.jsonl"), purpose: "batch" })).id;
	mesh.put(sampleMember("attic"));
});
afterEach(() => api.stop());

function call(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
	const own = { authorization: `Bearer ${api.token}`, "content-type": "application/json" };
	return fetch(`${api.url}${path}`, { method: "POST", headers: { ...own, ...headers }, body: JSON.stringify(body) });
}
const header = (answered: Response) => answered.headers.get("x-nightshift-durability");

async function submit(options: object = {}) {
	const answered = await call("/api/batches", { input_file_id, ...options });
	expect(answered.status).toBe(200);
	return batchDetailsSchema.parse(await answered.json());
}

async function refusal(answered: Response) {
	const { error } = errorEnvelopeSchema.parse(await answered.json());
	return { status: answered.status, code: error.code, param: error.param };
}

test("every door says on how many machines a new batch is safe, and why not on two", async () => {
	const wish = { input_file_id, endpoint: "/v1/chat/completions", completion_window: "24h" };
	expect(header(await call("/v1/batches", wish))).toBe("2");
	mesh.put(sampleMember("attic", { is_online: false }));
	expect(header(await call("/v1/batches", wish))).toBe("1; reason=alone");
	expect(header(await call("/api/batches", { input_file_id }))).toBe("1; reason=alone");
	const rehearsed = await call("/api/batches/rehearse", { input_file_id });
	expect(header(rehearsed)).toBe("1; reason=alone");
	expect(rehearsalSchema.parse(await rehearsed.json()).batch.durability).toEqual({ level: 1, reason: "alone" });
	const message = {
		custom_id: "a",
		params: { model: "m", max_tokens: 1, messages: [{ role: "user", content: "Hi" }] },
	};
	expect(header(await call("/v1/messages/batches", { requests: [message] }))).toBe("1; reason=alone");
});

test("no answer comes before the batch is as safe as it has to be", async () => {
	const release = mesh.hold();
	let isAnswered = false;
	const answering = call("/api/batches", { input_file_id }).then((answered) => {
		isAnswered = true;
		return answered;
	});
	await expect.poll(() => api.ledger.openBatches().length).toBe(1);
	// Whatever else is asked for is answered meanwhile.
	expect((await fetch(`${api.url}/v1/batches`)).status).toBe(200);
	expect(isAnswered).toBe(false);
	release({ level: 2, reason: null });
	expect(header(await answering)).toBe("2");
});

test("a batch carries how safe it is and who may work on it, at OpenAI's door in our extension", async () => {
	const { id, durability, machines } = await submit();
	expect({ durability, machines }).toEqual({
		durability: { level: 2, reason: null },
		machines: { only: null, never: [] },
	});
	mesh.setDurability(id, { level: 1, reason: "no-room" });
	const asked = await fetch(`${api.url}/v1/batches/${id}`);
	expect(extendedBatchSchema.parse(await asked.json()).nightshift).toEqual({
		durability: { level: 1, reason: "no-room" },
		machines: { only: null, never: [] },
	});
});

test("machines are chosen when a batch is made, and stand in its record", async () => {
	const machines = { only: [attic], never: [] };
	const made = await submit({ machines });
	expect(made).toMatchObject({ machines, options: { machines } });
	expect(api.ledger.batch(made.id)?.manifest.machines).toEqual(machines);
	const wish = { input_file_id, endpoint: "/v1/chat/completions", completion_window: "24h" };
	const extended = await call("/v1/batches", { ...wish, nightshift: { machines: { never: [attic] } } });
	expect(extendedBatchSchema.parse(await extended.json()).nightshift.machines).toEqual({ only: null, never: [attic] });
});

test("they can be chosen anew while the batch is open", async () => {
	const { id } = await submit();
	const changed = await call(`/api/batches/${id}/machines`, { never: [attic] });
	expect(batchDetailsSchema.parse(await changed.json()).machines).toEqual({ only: null, never: [attic] });
	expect(mesh.chosen(id)).toEqual({ only: null, never: [attic] });
	await api.ledger.cancel(id);
	await api.ledger.seal(id, { status: "cancelled", output: null, errors: null, extension: "jsonl" });
	expect(await refusal(await call(`/api/batches/${id}/machines`, {}))).toMatchObject({ status: 409 });
	expect(await refusal(await call("/api/batches/batch_none/machines", {}))).toMatchObject({ status: 404 });
});

test.each([
	["one that is not there", { only: [machineId("nobody")] }, "machine_not_found", "machines.only"],
	["one that is not there", { never: [machineId("nobody")] }, "machine_not_found", "machines.never"],
	["none at all", { never: [attic, desk] }, "no_machine_left", "machines"],
	["only one that may not", { only: [attic], never: [attic] }, "no_machine_left", "machines"],
])("a choice of %s is refused, and nothing is made or changed", async (_, machines, code, param) => {
	expect(await refusal(await call("/api/batches", { input_file_id, machines }))).toEqual({ status: 400, code, param });
	expect(api.ledger.openBatches()).toEqual([]);
	const { id } = await submit();
	expect(await refusal(await call(`/api/batches/${id}/machines`, machines))).toMatchObject({ status: 400, code });
	expect(mesh.chosen(id)).toEqual({ only: null, never: [] });
});

test("a key that comes back with other machines made another batch", async () => {
	const headers = { "idempotency-key": "one" };
	await call("/api/batches", { input_file_id }, headers);
	const again = await call("/api/batches", { input_file_id, machines: { only: [attic] } }, headers);
	expect(await refusal(again)).toMatchObject({ status: 409, code: "idempotency_key_reused" });
});

test("a machine that works by itself says that it is the only one", async () => {
	await using lone = await startTestApi();
	const uploaded = await lone.app.request("/v1/files", { method: "POST", body: fileForm(line) });
	const file = fileObjectSchema.parse(await uploaded.json());
	const wish = { input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" };
	const headers = { "content-type": "application/json" };
	const made = await lone.app.request("/v1/batches", { method: "POST", headers, body: JSON.stringify(wish) });
	expect(header(made)).toBe("1; reason=only-member");
	const { nightshift } = extendedBatchSchema.parse(await made.json());
	expect(nightshift.durability).toEqual({ level: 1, reason: "only-member" });
});
