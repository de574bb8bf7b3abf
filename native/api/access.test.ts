import { readFileSync, writeFileSync } from "node:fs";
import Anthropic from "@anthropic-ai/sdk";
import AnthropicBefore from "anthropic-sdk-0";
import OpenAI from "openai";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apiKeyCreatedSchema, apiKeyListSchema, errorEnvelopeSchema, settingsSchema } from "../contract/contract.ts";
import { type Answer, ask, startTestApi, type TestApi } from "./testing.ts";

const warnings: string[] = [];
let api: TestApi;
beforeEach(async () => {
	warnings.length = 0;
	const told = (_fields: object, message: string) => void warnings.push(message);
	api = await startTestApi({ log: { debug() {}, info() {}, warn: told, error: told } });
});
afterEach(() => api.stop());

const json = { "content-type": "application/json" };
const tool = () => ({ authorization: `Bearer ${api.token}`, ...json });
const codeOf = (answer: Answer) => errorEnvelopeSchema.parse(JSON.parse(answer.text)).error.code;

async function makeKey(name = "editor") {
	const answer = await ask(api.port, "POST", "/api/keys", tool(), JSON.stringify({ name }));
	expect(answer.status).toBe(200);
	return apiKeyCreatedSchema.parse(JSON.parse(answer.text));
}

describe("/v1", () => {
	it("asks for no key while there is none, and minds no Authorization", async () => {
		for (const authorization of ["Bearer whatever", "Basic x", "nonsense"]) {
			expect((await ask(api.port, "GET", "/v1/models", { authorization })).status).toBe(200);
		}
	});

	it("asks for one as soon as there is one, in the way each vendor's clients understand", async () => {
		await makeKey();
		const answer = await ask(api.port, "GET", "/v1/models", { authorization: "Bearer nsk_wrong" });
		expect(answer).toMatchObject({ status: 401, headers: { "www-authenticate": "Bearer" } });
		expect(codeOf(answer)).toBe("invalid_api_key");
		expect(answer.text).not.toContain("nsk_wrong");
		await expect(api.client.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError);
		const url = api.url;
		await expect(new Anthropic({ baseURL: url, apiKey: "no" }).models.list()).rejects.toMatchObject({ status: 401 });
	});

	it("opens to a key as a bearer or as x-api-key, to the token, and to nobody else", async () => {
		const { secret } = await makeKey();
		await new OpenAI({ baseURL: `${api.url}/v1`, apiKey: secret }).models.list();
		for (const Client of [Anthropic, AnthropicBefore]) {
			const found = new Client({ baseURL: api.url, apiKey: secret }).models.list();
			await expect(found).resolves.toBeDefined();
		}
		expect((await ask(api.port, "GET", "/v1/models", { "x-api-key": secret })).status).toBe(200);
		expect((await ask(api.port, "GET", "/v1/models", { authorization: `bearer ${secret}` })).status).toBe(200);
		expect((await ask(api.port, "GET", "/v1/models", tool())).status).toBe(200);
		for (const headers of [{}, { authorization: secret }, { "x-api-key": "" }, { cookie: `nsk=${secret}` }]) {
			expect((await ask(api.port, "GET", "/v1/models", { ...headers })).status).toBe(401);
		}
	});

	it("is closed to a key from the moment it is revoked", async () => {
		const [kept, revoked] = [await makeKey("kept"), await makeKey("revoked")];
		const headers = { authorization: `Bearer ${revoked.secret}` };
		expect((await ask(api.port, "GET", "/v1/models", headers)).status).toBe(200);
		expect((await ask(api.port, "DELETE", `/api/keys/${revoked.key.id}`, tool())).status).toBe(200);
		expect((await ask(api.port, "GET", "/v1/models", headers)).status).toBe(401);
		const others = { authorization: `Bearer ${kept.secret}` };
		expect((await ask(api.port, "GET", "/v1/models", others)).status).toBe(200);
	});

	it("is closed to a key that another program revoked", async () => {
		const { secret } = await makeKey();
		const headers = { authorization: `Bearer ${secret}` };
		expect((await ask(api.port, "GET", "/v1/models", headers)).status).toBe(200);
		const stored = JSON.parse(readFileSync(api.keysPath, "utf8"));
		const other = { ...stored.keys[0], id: "key_other", digest: "0".repeat(64) };
		writeFileSync(api.keysPath, JSON.stringify({ keys: [other] }));
		expect((await ask(api.port, "GET", "/v1/models", headers)).status).toBe(401);
	});

	it("stays closed while the file of keys can't be understood", async () => {
		const { secret } = await makeKey();
		writeFileSync(api.keysPath, "{");
		expect((await ask(api.port, "GET", "/v1/models", { authorization: `Bearer ${secret}` })).status).toBe(401);
		expect((await ask(api.port, "GET", "/v1/models", tool())).status).toBe(200);
		const made = await ask(api.port, "POST", "/api/keys", tool(), JSON.stringify({ name: "another" }));
		expect(made.status).toBe(409);
		expect(readFileSync(api.keysPath, "utf8")).toBe("{");
		expect(warnings).toHaveLength(1);
	});
});

describe("/api", () => {
	it("does not open to an API key", async () => {
		const { secret } = await makeKey();
		expect((await ask(api.port, "GET", "/api/status", { authorization: `Bearer ${secret}` })).status).toBe(401);
	});

	it("lists keys without what opens anything, and says when each was used", async () => {
		const { secret, key } = await makeKey();
		await ask(api.port, "GET", "/v1/models", { "x-api-key": secret });
		const answer = await ask(api.port, "GET", "/api/keys", tool());
		const { keys } = apiKeyListSchema.parse(JSON.parse(answer.text));
		expect(keys).toEqual([{ ...key, lastUsedAtMs: expect.any(Number) }]);
		expect(answer.text).not.toContain(secret.slice(8));
	});

	it("names what is wrong with a key's name or id", async () => {
		for (const name of ["", " ", "n".repeat(65), "two\nlines", 1]) {
			const answer = await ask(api.port, "POST", "/api/keys", tool(), JSON.stringify({ name }));
			expect(answer.status).toBe(400);
			expect(JSON.parse(answer.text)).toMatchObject({ error: { param: "name" } });
		}
		expect((await ask(api.port, "DELETE", "/api/keys/none", tool())).status).toBe(404);
	});

	it("shows and changes settings, and names the one that can't be", async () => {
		const shown = await ask(api.port, "GET", "/api/settings", tool());
		expect(settingsSchema.parse(JSON.parse(shown.text))).toEqual(api.settings.current);
		const patch = JSON.stringify({ stepAside: { quietMs: 100 } });
		const changed = await ask(api.port, "PATCH", "/api/settings", tool(), patch);
		expect(JSON.parse(changed.text)).toMatchObject({ stepAside: { quietMs: 100, longestQuietMs: 30_000 } });
		for (const [wrong, param] of [
			[{ stepAside: { quietMs: -1 } }, "stepAside.quietMs"],
			[{ stepAside: { longestQuietMs: 1 } }, "stepAside.longestQuietMs"],
			[{ endpoint: { allowedOrigins: ["*"] } }, "endpoint.allowedOrigins[0]"],
			[{ endpoint: { host: "0.0.0.0" } }, "endpoint"],
		] as const) {
			const answer = await ask(api.port, "PATCH", "/api/settings", tool(), JSON.stringify(wrong));
			expect(JSON.parse(answer.text)).toMatchObject({ error: { param } });
			expect(answer.status).toBe(400);
		}
	});

	it("slows down who guesses, tells the log once, and still lets in who has the token", async () => {
		const headers = { authorization: "Bearer guess" };
		const statuses: number[] = [];
		for (let guess = 0; guess < 32; guess++) statuses.push((await ask(api.port, "GET", "/api/status", headers)).status);
		expect(statuses).toEqual([...Array(30).fill(401), 429, 429]);
		expect(Number((await ask(api.port, "GET", "/api/status", headers)).headers["retry-after"])).toBeGreaterThan(0);
		expect(warnings).toEqual(["30 requests with a wrong token in a minute"]);
		expect((await ask(api.port, "GET", "/api/status", tool())).status).toBe(200);
	});
});

describe("the page's way in", () => {
	it("is a code for a cookie that scripts, other sites and other ports' servers can't use", async () => {
		const { code } = JSON.parse((await ask(api.port, "POST", "/api/session/codes", tool())).text);
		const own = { origin: api.url, "sec-fetch-site": "same-origin", ...json };
		const answer = await ask(api.port, "POST", "/api/session", own, JSON.stringify({ code }));
		const [set = ""] = answer.headers["set-cookie"] ?? [];
		expect(set).toMatch(new RegExp(`^nightshift_session_${api.port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict$`));
		const cookie = set.split(";")[0] ?? "";
		const patch = JSON.stringify({ endpoint: { interactiveLanes: 3 } });
		expect((await ask(api.port, "PATCH", "/api/settings", { ...own, cookie }, patch)).status).toBe(200);
		await makeKey();
		expect((await ask(api.port, "GET", "/v1/models", { cookie, "sec-fetch-site": "same-origin" })).status).toBe(200);
		expect((await ask(api.port, "POST", "/v1/batches", { ...json, cookie }, "{}")).status).toBe(403);
	});

	it("is closed for a while after too many wrong codes", async () => {
		const { code } = JSON.parse((await ask(api.port, "POST", "/api/session/codes", tool())).text);
		const trade = (tried: string) => ask(api.port, "POST", "/api/session", json, JSON.stringify({ code: tried }));
		for (let guess = 0; guess < 30; guess++) expect((await trade("guess")).status).toBe(401);
		const refused = await trade(code);
		expect(refused.status).toBe(429);
		expect(refused.headers["set-cookie"]).toBeUndefined();
	});
});

describe("a page of an allowed origin", () => {
	const origin = "http://localhost:3000";
	beforeEach(async () => {
		expect((await api.settings.update({ endpoint: { allowedOrigins: [origin, "app://notes"] } })).ok).toBe(true);
	});

	it("is told by the preflight what it may send", async () => {
		const { status, headers } = await ask(api.port, "OPTIONS", "/v1/chat/completions", {
			origin,
			"access-control-request-method": "POST",
			"access-control-request-headers":
				"authorization,content-type,x-api-key,anthropic-version,x-stainless-os,x-evil,cookie",
			"access-control-request-private-network": "true",
		});
		expect(status).toBe(204);
		expect(headers).toMatchObject({
			"access-control-allow-origin": origin,
			"access-control-allow-methods": "GET, HEAD, POST, DELETE",
			"access-control-allow-headers": "authorization, content-type, x-api-key, anthropic-version, x-stainless-os",
			"access-control-allow-private-network": "true",
			vary: expect.stringContaining("origin"),
		});
		expect(headers["access-control-allow-credentials"]).toBeUndefined();
	});

	it("may read answers, and refusals too", async () => {
		for (const [method, path, status] of [
			["GET", "/v1/models", 200],
			["GET", "/v1/files/none", 404],
			["POST", "/v1/batches", 400],
		] as const) {
			const answer = await ask(
				api.port,
				method,
				path,
				{ origin: "app://notes", ...json },
				method === "POST" ? "{}" : null,
			);
			expect(answer).toMatchObject({
				status,
				headers: {
					"access-control-allow-origin": "app://notes",
					"cross-origin-resource-policy": "cross-origin",
					vary: "origin",
				},
			});
		}
		await makeKey();
		const refused = await ask(api.port, "GET", "/v1/models", { origin });
		expect(refused).toMatchObject({ status: 401, headers: { "access-control-allow-origin": origin } });
	});

	it("is a stranger again once it is taken off the list", async () => {
		expect((await api.settings.update({ endpoint: { allowedOrigins: [] } })).ok).toBe(true);
		expect((await ask(api.port, "POST", "/v1/batches", { origin, ...json }, "{}")).status).toBe(403);
	});
});

describe("a refusal", () => {
	it("comes in Anthropic's words where Anthropic's clients ask", async () => {
		await makeKey();
		for (const [path, headers] of [
			["/v1/messages", {}],
			["/v1/models", { "anthropic-version": "2023-06-01" }],
		] as const) {
			const answer = await ask(api.port, "GET", path, { ...headers });
			expect(answer.status).toBe(401);
			expect(answer.headers["request-id"]).toBe(answer.headers["x-request-id"]);
			expect(JSON.parse(answer.text)).toEqual({
				type: "error",
				error: { type: "authentication_error", message: expect.stringContaining("API key") },
				request_id: answer.headers["request-id"],
			});
		}
		const foreign = await ask(api.port, "POST", "/v1/messages", { origin: "https://evil.example", ...json }, "{}");
		expect(JSON.parse(foreign.text)).toMatchObject({ type: "error", error: { type: "permission_error" } });
	});
});
