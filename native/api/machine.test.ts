import { expect, test } from "vitest";
import { err, ok } from "../base/base.ts";
import { machineStatusSchema, type PresenceReport, type Rest, type RestRequest } from "../contract/contract.ts";
import { sampleSnapshot } from "../machine/testing.ts";
import { mayRun } from "../scheduler/testing.ts";
import type { ApiDeps } from "./api.ts";
import { startTestApi, type TestApi } from "./testing.ts";

const nobodySaidAnything: Rest = { isPaused: false, snoozedUntilMs: null };

function call({ url, token }: TestApi, method: string, path: string, body?: object): Promise<Response> {
	return fetch(`${url}${path}`, {
		method,
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
}

/** A scheduler that keeps what it is told, or can't. */
function scheduler(isBroken = false): ApiDeps["scheduler"] & { readonly told: readonly RestRequest[] } {
	const told: RestRequest[] = [];
	let rest = nobodySaidAnything;
	return {
		told,
		verdict: mayRun,
		get rest() {
			return rest;
		},
		async setRest(request) {
			told.push(request);
			if (isBroken) return err({ kind: "not-written", message: "The disk is full. Free some space and try again." });
			rest = { ...rest, isPaused: request.action === "pause" };
			return ok(rest);
		},
		watch: () => () => {},
	};
}

test("the machine is looked at when somebody asks how it is", async () => {
	let looks = 0;
	const machine: ApiDeps["machine"] = {
		get snapshot() {
			return sampleSnapshot({ atMs: looks });
		},
		async look() {
			looks++;
			return sampleSnapshot({ atMs: looks });
		},
		reportPresence() {},
		watch: () => () => {},
	};
	await using api = await startTestApi({ machine });
	const answer = await call(api, "GET", "/api/machine");
	const status = machineStatusSchema.parse(await answer.json());
	expect(status).toMatchObject({
		name: "test-machine",
		snapshot: { atMs: 1 },
		verdict: mayRun,
		rest: nobodySaidAnything,
	});
});

test("what the shell says of its user reaches the machine, and nonsense does not", async () => {
	const reports: PresenceReport[] = [];
	const machine: ApiDeps["machine"] = {
		snapshot: sampleSnapshot(),
		look: async () => sampleSnapshot(),
		reportPresence: (report) => void reports.push(report),
		watch: () => () => {},
	};
	await using api = await startTestApi({ machine });
	expect((await call(api, "PUT", "/api/presence", { idleSeconds: 12.5, isLocked: false })).status).toBe(204);
	const refused = await call(api, "PUT", "/api/presence", { idleSeconds: -1, isLocked: false });
	expect(refused.status).toBe(400);
	expect(await refused.json()).toMatchObject({ error: { param: "idleSeconds" } });
	expect(reports).toEqual([{ idleSeconds: 12.5, isLocked: false, supply: null, heat: null }]);
});

test("the owner's word is kept before it is answered", async () => {
	const told = scheduler();
	await using api = await startTestApi({ scheduler: told });
	const paused = await call(api, "POST", "/api/rest", { action: "pause" });
	expect(machineStatusSchema.parse(await paused.json()).rest.isPaused).toBe(true);
	await call(api, "POST", "/api/rest", { action: "snooze", for: "3h" });
	expect(told.told).toEqual([{ action: "pause" }, { action: "snooze", for: "3h" }]);
	const wrong = await call(api, "POST", "/api/rest", { action: "snooze", for: "5h" });
	expect(wrong.status).toBe(400);
	expect(told.told).toHaveLength(2);
});

test("a word that can't be written down is not said to be kept", async () => {
	await using api = await startTestApi({ scheduler: scheduler(true) });
	const answer = await call(api, "POST", "/api/rest", { action: "pause" });
	expect(answer.status).toBe(503);
	expect(await answer.json()).toMatchObject({
		error: { code: "not_written", message: expect.stringContaining("disk") },
	});
});

test("none of it is for whoever holds no key of the owner", async () => {
	await using api = await startTestApi();
	for (const [method, path] of [
		["GET", "/api/machine"],
		["PUT", "/api/presence"],
		["POST", "/api/rest"],
	] as const) {
		expect((await fetch(`${api.url}${path}`, { method })).status).toBe(401);
	}
});
