import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { z } from "zod";
import { errorEnvelopeSchema, machineListSchema, meshViewSchema } from "../contract/contract.ts";
import { createMemoryMesh, type MemoryMesh, machineId, sampleMember } from "../mesh/testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let mesh: MemoryMesh;
let api: TestApi;
beforeEach(async () => {
	mesh = createMemoryMesh();
	api = await startTestApi({ mesh: () => mesh });
	mesh.put(sampleMember("attic"));
});
afterEach(() => api.stop());

function call(method: string, path: string, body: object | null = null, token = api.token): Promise<Response> {
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	return fetch(`${api.url}${path}`, { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) });
}

async function answer<T>(schema: z.ZodType<T>, method: string, path: string, body: object | null = null): Promise<T> {
	const answered = await call(method, path, body);
	expect(answered.status).toBe(200);
	return schema.parse(await answered.json());
}

async function refusal(method: string, path: string, body: object | null = null) {
	const answered = await call(method, path, body);
	const { error } = errorEnvelopeSchema.parse(await answered.json());
	return { status: answered.status, code: error.code, param: error.param, message: error.message };
}

test("the mesh is told as it is, with the code that is shown", async () => {
	const view = await answer(meshViewSchema, "GET", "/api/mesh");
	expect(view).toMatchObject({ is_on: true, self: machineId("desk"), pairing: null });
	const shown = await mesh.showCode();
	if (!shown.ok) throw new Error(shown.error.message);
	expect((await answer(meshViewSchema, "GET", "/api/mesh")).pairing).toEqual(shown.value);
});

test("machines are listed with what they told of themselves", async () => {
	const { data } = await answer(machineListSchema, "GET", "/api/machines");
	expect(data).toMatchObject([
		{ name: "desk", is_self: true, is_host: true },
		{ name: "attic", is_self: false, about: { gpus: ["GeForce RTX 4090"] } },
	]);
});

test("another machine is made host, and what can't be says why", async () => {
	const view = await answer(meshViewSchema, "POST", `/api/machines/${machineId("attic")}/host`);
	expect(view.host).toMatchObject({ id: machineId("attic"), why: "hand-over" });
	mesh.put(sampleMember("cellar", { is_online: false }));
	expect(await refusal("POST", `/api/machines/${machineId("cellar")}/host`)).toMatchObject({
		status: 504,
		code: "machine_unreachable",
		message: "cellar is not there just now.",
	});
	mesh.put(sampleMember("laptop", { hosting: "never" }));
	expect(await refusal("POST", `/api/machines/${machineId("laptop")}/host`)).toMatchObject({ status: 409 });
	expect(await refusal("POST", `/api/machines/${machineId("nobody")}/host`)).toMatchObject({
		status: 404,
		param: "id",
	});
});

test("a machine is removed; with its own id this one leaves", async () => {
	const left = await answer(meshViewSchema, "DELETE", `/api/machines/${machineId("attic")}`);
	expect(left.machines.map(({ name }) => name)).toEqual(["desk"]);
	expect(await refusal("DELETE", `/api/machines/${machineId("attic")}`)).toMatchObject({ status: 404 });
	expect(await answer(meshViewSchema, "DELETE", `/api/machines/${machineId("desk")}`)).toMatchObject({ is_on: false });
});

test("a machine that waits for approval is admitted", async () => {
	mesh.wait(machineId("shed"), "shed");
	const view = await answer(meshViewSchema, "POST", `/api/machines/${machineId("shed")}/approve`);
	expect(view.awaiting_approval).toEqual([]);
	expect(view.machines.map(({ name }) => name)).toContain("shed");
});

test("an address is remembered, and what is none is refused by its name", async () => {
	await answer(meshViewSchema, "POST", "/api/machines/addresses", { address: "10.0.0.7:22008" });
	expect(await refusal("POST", "/api/machines/addresses", { address: "somewhere" })).toMatchObject({
		status: 400,
		param: "address",
		code: "invalid_value",
	});
	expect(await refusal("POST", "/api/machines/addresses", {})).toMatchObject({ status: 400, param: "address" });
});

describe("nobody but the owner", () => {
	const paths = ["/api/mesh", "/api/machines", "/api/pairing"] as const;

	test.each(paths)("may ask for %s: a key of an editor does not open it", async (path) => {
		const made = await api.keys.make("editor");
		if (!made.ok) throw new Error(made.error.message);
		expect((await call("GET", path, null, made.value.secret)).status).toBe(401);
		expect((await fetch(`${api.url}${path}`)).status).toBe(401);
	});

	test("may remove machines or show a code", async () => {
		expect((await call("DELETE", `/api/machines/${machineId("attic")}`, null, "wrong")).status).toBe(401);
		expect((await call("POST", "/api/pairing", null, "wrong")).status).toBe(401);
		expect(mesh.view.machines).toHaveLength(2);
		expect(mesh.shownCode()).toBeNull();
	});
});

test("a machine that works by itself says so, and how to change it", async () => {
	await using lone = await startTestApi();
	const headers = { authorization: `Bearer ${lone.token}` };
	const view = meshViewSchema.parse(await (await fetch(`${lone.url}/api/mesh`, { headers })).json());
	expect(view).toMatchObject({ is_on: false, self: null, machines: [], host: null });
	const refused = await fetch(`${lone.url}/api/machines/${machineId("attic")}/host`, { method: "POST", headers });
	expect(refused.status).toBe(409);
	const { error } = errorEnvelopeSchema.parse(await refused.json());
	expect(error.code).toBe("mesh_off");
	expect(error.message).toContain("nightshift machines on");
});
