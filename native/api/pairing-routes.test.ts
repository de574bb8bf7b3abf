import { afterEach, beforeEach, expect, test } from "vitest";
import { errorEnvelopeSchema, joinedSchema, pairingTokenSchema, pairingViewSchema } from "../contract/contract.ts";
import { createMemoryMesh, type MemoryMesh, machineId, sampleMember } from "../mesh/testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let mesh: MemoryMesh;
let api: TestApi;
beforeEach(async () => {
	mesh = createMemoryMesh({ isOn: false });
	api = await startTestApi({ mesh: () => mesh });
});
afterEach(() => api.stop());

function call(method: string, path = "", body: object | null = null): Promise<Response> {
	const headers = { authorization: `Bearer ${api.token}`, "content-type": "application/json" };
	const content = body === null ? {} : { body: JSON.stringify(body) };
	return fetch(`${api.url}/api/pairing${path}`, { method, headers, ...content });
}

async function shown() {
	return pairingViewSchema.parse(await (await call("GET")).json()).pairing;
}

async function refusal(answered: Response) {
	const { error } = errorEnvelopeSchema.parse(await answered.json());
	return { status: answered.status, code: error.code, param: error.param };
}

test("a code is shown, loses a try with each wrong one, and is gone once it was used", async () => {
	expect(await shown()).toBeNull();
	const made = pairingViewSchema.parse(await (await call("POST")).json()).pairing;
	expect(made).toMatchObject({ code: "1234 5678", tries_left: 3 });
	expect(mesh.view.is_on).toBe(true);
	mesh.tryCode("0000 0000", sampleMember("stranger"));
	expect(await shown()).toMatchObject({ tries_left: 2 });
	expect(mesh.tryCode("12345678", sampleMember("attic"))).toBe(true);
	expect(await shown()).toBeNull();
});

test("a second code is refused while one is shown, until it is taken back", async () => {
	await call("POST");
	expect(await refusal(await call("POST"))).toMatchObject({ status: 409, code: "wrong_state" });
	expect((await call("DELETE")).status).toBe(204);
	expect(pairingViewSchema.parse(await (await call("POST")).json()).pairing?.code).toBe("2345 6789");
});

test("a token is made for as long as was asked, a day unless told otherwise, and counts once", async () => {
	const nowSeconds = Math.floor(Date.now() / 1_000);
	const usual = pairingTokenSchema.parse(await (await call("POST", "/tokens")).json());
	expect(usual.expires_at).toBeGreaterThanOrEqual(nowSeconds + 86_400);
	const { token } = pairingTokenSchema.parse(await (await call("POST", "/tokens", { lifetime_seconds: 600 })).json());
	expect(token).toContain("600000");
	expect(joinedSchema.parse(await (await call("POST", "/join", { token })).json()).name).toBe("rack");
	expect(await refusal(await call("POST", "/join", { token }))).toEqual({
		status: 400,
		code: "pairing_refused",
		param: "token",
	});
	const tooLong = await refusal(await call("POST", "/tokens", { lifetime_seconds: 10_000_000 }));
	expect(tooLong).toMatchObject({ status: 400, param: "lifetime_seconds" });
});

test("this machine joins one that shows a code, by its address or its id", async () => {
	const address = "192.168.1.9:22008";
	mesh.comeNear({ id: machineId("attic"), name: "attic", address, is_pairing: true }, "8765 4321");
	expect(await refusal(await call("POST", "/join", { address, code: "1111 1111" }))).toEqual({
		status: 400,
		code: "pairing_refused",
		param: "code",
	});
	expect(await refusal(await call("POST", "/join", { address, code: "12" }))).toMatchObject({
		status: 400,
		param: "code",
	});
	const elsewhere = { address: "192.168.1.1:22008", code: "8765 4321" };
	expect(await refusal(await call("POST", "/join", elsewhere))).toEqual({
		status: 504,
		code: "machine_unreachable",
		param: "address",
	});
	const joined = await call("POST", "/join", { address: machineId("attic"), code: "87654321" });
	expect(joinedSchema.parse(await joined.json())).toEqual({ id: machineId("attic"), name: "attic" });
	expect(mesh.view.machines.map(({ name }) => name)).toEqual(["desk", "attic"]);
});

test("half a request is refused", async () => {
	expect((await call("POST", "/join", { address: "10.0.0.7:1" })).status).toBe(400);
	expect((await call("POST", "/join", {})).status).toBe(400);
	expect((await call("POST", "/join", { token: "x".repeat(5_000) })).status).toBe(400);
});
