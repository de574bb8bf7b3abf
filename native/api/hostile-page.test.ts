/**
 * What pages of other sites, and programs that mean harm, try on a server of this machine; each is refused, on a real socket.
 * One line of the list, one attempt.
 */
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorEnvelopeSchema } from "../contract/contract.ts";
import { createLiveRooms } from "./live-testing.ts";
import { type Answer, ask, exchange, fileForm, startTestApi, type TestApi } from "./testing.ts";

const rooms = createLiveRooms();
let api: TestApi;
let fileId: string;
const allowed = "http://localhost:3000";
const evil = "https://evil.example";
const json = { "content-type": "application/json" };
const batch = JSON.stringify({ input_file_id: "f", endpoint: "/v1/chat/completions", completion_window: "24h" });

beforeAll(async () => {
	api = await startTestApi({ rooms });
	const updated = await api.settings.update({ endpoint: { allowedOrigins: [allowed] } });
	expect(updated.ok).toBe(true);
	const sent = await fetch(`${api.url}/v1/files`, { method: "POST", body: fileForm("secret line\n") });
	fileId = (await api.client.files.retrieve(JSON.parse(await sent.text()).id)).id;
});
afterAll(async () => {
	await api.stop();
	await rooms.stop();
});

/** That an answer says no, in the envelope, without a word about the inside of this machine, readable by no other page. */
function expectRefusal(answer: Answer, status: number, code: string | null): void {
	expect(answer).toMatchObject({ status });
	const { error } = errorEnvelopeSchema.parse(JSON.parse(answer.text));
	expect(error.code).toBe(code);
	expectNothingOfTheInside(answer.text);
	expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
	expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
}

function expectNothingOfTheInside(text: string): void {
	for (const inside of ["/tmp", "/home", "node_modules", "native/", "file://", ".ts:", "    at ", "ENOENT"]) {
		expect(text).not.toContain(inside);
	}
}

describe("a name that was rebound to 127.0.0.1", () => {
	it.each([
		"evil.example",
		"evil.example:22007",
		"127.0.0.1.evil.example",
		"localhost.evil.example",
		"0.0.0.0",
		"[::]",
	])("reads nothing and changes nothing as Host %j", async (host) => {
		for (const [method, path] of [
			["GET", "/v1/models"],
			["POST", "/v1/batches"],
			["GET", "/api/status"],
			["OPTIONS", "/v1/models"],
		] as const) {
			const answer = await ask(api.port, method, path, { host, authorization: `Bearer ${api.token}` });
			expect([400, 403]).toContain(answer.status);
			expectNothingOfTheInside(answer.text);
		}
	});

	it("is not helped by an Origin of the same name", async () => {
		const own = { host: "evil.example", origin: "http://evil.example", ...json };
		expectRefusal(await ask(api.port, "POST", "/v1/batches", own, batch), 403, "host_not_allowed");
	});
});

describe("a page of another origin", () => {
	const origins = [
		evil,
		"null",
		"http://localhost:3001",
		"http://127.0.0.1:1",
		"https://localhost:3000",
		`${allowed}.evil.example`,
		"http://LOCALHOST:3000",
	];

	it.each(origins)("%s can't post", async (origin) => {
		expectRefusal(await ask(api.port, "POST", "/v1/batches", { origin, ...json }, batch), 403, "origin_not_allowed");
	});

	it.each(origins)("%s can't delete", async (origin) => {
		expectRefusal(await ask(api.port, "DELETE", `/v1/files/${fileId}`, { origin }), 403, "origin_not_allowed");
		expect(api.ledger.file(fileId)).not.toBeNull();
	});

	it.each(origins)("%s gets no to its preflight", async (origin) => {
		const preflight = {
			origin,
			"access-control-request-method": "POST",
			"access-control-request-private-network": "true",
		};
		const answer = await ask(api.port, "OPTIONS", "/v1/chat/completions", preflight);
		expectRefusal(answer, 403, "origin_not_allowed");
		expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
	});

	it.each(origins)("%s may not read what it gets", async (origin) => {
		const answer = await ask(api.port, "GET", `/v1/files/${fileId}/content`, { origin });
		expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
		expect(answer.headers["cross-origin-resource-policy"]).toBe("same-origin");
		expect(answer.headers["x-frame-options"]).toBe("DENY");
	});

	it("can't post JSON as plain text or as a form, which needs no preflight", async () => {
		for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
			const headers = {
				"content-type": type,
				origin: evil,
				"sec-fetch-mode": "no-cors",
				"sec-fetch-site": "cross-site",
			};
			expectRefusal(await ask(api.port, "POST", "/v1/batches", headers, batch), 403, "origin_not_allowed");
		}
	});

	it("can't send a form with a file", async () => {
		const form =
			'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nx\r\n--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n--b--\r\n';
		const headers = { "content-type": "multipart/form-data; boundary=b", origin: "null", "sec-fetch-mode": "navigate" };
		expectRefusal(await ask(api.port, "POST", "/v1/files", headers, form), 403, "origin_not_allowed");
	});

	it("is known by Sec-Fetch-Site where it has no Origin", async () => {
		for (const site of ["cross-site", "same-site"]) {
			const headers = { ...json, "sec-fetch-site": site };
			expectRefusal(await ask(api.port, "POST", "/v1/batches", headers, batch), 403, "origin_not_allowed");
		}
	});

	it("gets nowhere in /api though its origin is allowed on /v1", async () => {
		const headers = { origin: allowed, ...json };
		const preflight = { origin: allowed, "access-control-request-method": "PATCH" };
		expectRefusal(await ask(api.port, "OPTIONS", "/api/settings", preflight), 403, "origin_not_allowed");
		expectRefusal(await ask(api.port, "PATCH", "/api/settings", headers, "{}"), 403, "origin_not_allowed");
		expectRefusal(await ask(api.port, "GET", "/api/status", headers), 401, "invalid_token");
	});
});

describe("anybody without the token", () => {
	it.each([
		["GET", "/api/status"],
		["GET", "/api/settings"],
		["PATCH", "/api/settings"],
		["GET", "/api/keys"],
		["POST", "/api/keys"],
		["DELETE", "/api/keys/k"],
		["POST", "/api/session/codes"],
		["DELETE", "/api/session"],
		["GET", "/api"],
		["GET", "/api/none"],
		["PUT", "/api/status"],
		["GET", "/%61pi/status"],
	] as const)("can't %s %s", async (method, path) => {
		const answer = await ask(api.port, method, path, method === "GET" ? {} : json, method === "GET" ? null : "{}");
		expectRefusal(answer, 401, "invalid_token");
		expect(answer.headers["www-authenticate"]).toBe("Bearer");
	});

	it("gets in with no other spelling of a path", async () => {
		for (const path of [
			"//api/status",
			"/API/status",
			"/v1/../api/status",
			"/v1/%2e%2e/api/status",
			"/api%2fstatus",
			"/./api/status",
		]) {
			expect([401, 404]).toContain((await ask(api.port, "GET", path)).status);
		}
	});

	it("gets in with no token that is nearly right", async () => {
		const { token } = api;
		for (const authorization of [
			"Bearer",
			"Bearer ",
			"Bearer null",
			`Basic ${token}`,
			`Bearer ${token.slice(1)}`,
			`Bearer ${token}0`,
			token,
		]) {
			expectRefusal(await ask(api.port, "GET", "/api/status", { authorization }), 401, "invalid_token");
		}
	});
});

describe("a session", () => {
	const own = () => ({ origin: api.url, ...json });
	const tool = () => ({ authorization: `Bearer ${api.token}`, ...json });
	const makeCode = async (): Promise<string> => {
		const answer = await ask(api.port, "POST", "/api/session/codes", tool());
		return JSON.parse(answer.text).code;
	};
	const signIn = async (): Promise<string> => {
		const body = JSON.stringify({ code: await makeCode() });
		const answer = await ask(api.port, "POST", "/api/session", own(), body);
		expect(answer.status).toBe(204);
		return answer.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
	};

	it("is not to be had with a code that was used, guessed or never made", async () => {
		const code = await makeCode();
		expect((await ask(api.port, "POST", "/api/session", own(), JSON.stringify({ code }))).status).toBe(204);
		for (const wrong of [code, `${code}a`, "a", "x".repeat(43)]) {
			const answer = await ask(api.port, "POST", "/api/session", own(), JSON.stringify({ code: wrong }));
			expectRefusal(answer, 401, "invalid_code");
			expect(answer.headers["set-cookie"]).toBeUndefined();
		}
	});

	it("is not given to a page of another origin, even with a right code", async () => {
		const body = JSON.stringify({ code: await makeCode() });
		const foreign = await ask(api.port, "POST", "/api/session", { origin: evil, ...json }, body);
		expectRefusal(foreign, 403, "origin_not_allowed");
		const plain = await ask(api.port, "POST", "/api/session", { ...own(), "content-type": "text/plain" }, body);
		expectRefusal(plain, 415, "unsupported_media_type");
	});

	it("is no use to another site, nor to another port of this machine, that makes the browser send its cookie", async () => {
		const cookie = await signIn();
		expect((await ask(api.port, "GET", "/api/status", { cookie })).status).toBe(200);
		for (const site of ["cross-site", "same-site"]) {
			const read = await ask(api.port, "GET", "/api/status", { cookie, "sec-fetch-site": site });
			expectRefusal(read, 403, "origin_not_allowed");
			const headers = { cookie, ...json, origin: "http://localhost:3001", "sec-fetch-site": site };
			expectRefusal(await ask(api.port, "PATCH", "/api/settings", headers, "{}"), 403, "origin_not_allowed");
		}
		const noOrigin = await ask(api.port, "PATCH", "/api/settings", { cookie, ...json }, "{}");
		expectRefusal(noOrigin, 403, "origin_not_allowed");
	});

	it("makes no codes for others, and ends when told to", async () => {
		const cookie = await signIn();
		expectRefusal(await ask(api.port, "POST", "/api/session/codes", { cookie, ...own() }), 403, "token_required");
		expect((await ask(api.port, "DELETE", "/api/session", { cookie, ...own() })).status).toBe(204);
		expectRefusal(await ask(api.port, "GET", "/api/status", { cookie }), 401, "invalid_token");
	});

	it("of another port's name does not count", async () => {
		const cookie = (await signIn()).replace(/_\d+=/, "_1=");
		expectRefusal(await ask(api.port, "GET", "/api/status", { cookie }), 401, "invalid_token");
	});
});

describe("a request that is too much", () => {
	const head =
		"POST /v1/batches HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n";

	it("by its announced body is refused before the body comes", async () => {
		expect(await exchange(api.port, `${head}content-length: 5000000000\r\n\r\n{`)).toMatch(/^HTTP\/1.1 413 /);
	});

	it("by a body without end is refused while it comes", async () => {
		const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
		const answer = await exchange(api.port, `${head}transfer-encoding: chunked\r\n\r\n`, chunk.repeat(17));
		expect(answer).toMatch(/^HTTP\/1.1 413 /);
	});

	it("by the size of its headers is refused", async () => {
		const answer = await exchange(api.port, `${head}x: ${"y".repeat(40_000)}\r\n\r\n`);
		expect(answer).toMatch(/^HTTP\/1.1 431 /);
		expectNothingOfTheInside(answer);
	});

	it("by the number of its headers is refused, wherever the Origin stands among them", async () => {
		const many = Array.from({ length: 3_000 }, (_, index) => `x${index}:1\r\n`).join("");
		const answer = await exchange(api.port, `${head}${many}origin: ${evil}\r\n\r\n`);
		expect(answer).toMatch(/^HTTP\/1.1 431 /);
		expect(answer).toContain("too_many_headers");
	});

	it("by headers that never end is refused", async () => {
		const flood = Array.from({ length: 50 }, (_, index) => `flood${index}: ${"y".repeat(1_000)}\r\n`);
		expect(await exchange(api.port, head, ...flood)).toMatch(/^HTTP\/1.1 431 /);
	});

	it("by a key of thousands of letters is refused like any wrong one", async () => {
		const authorization = `Bearer ${"a".repeat(20_000)}`;
		const answer = await ask(api.port, "GET", "/api/status", { authorization });
		expectRefusal(answer, 401, "invalid_token");
	});
});

describe("batch work", () => {
	it("is not disturbed by any of them: only who is let in makes it step aside", async () => {
		const chat = JSON.stringify({ model: "none", messages: [{ role: "user", content: "Hello" }] });
		const send = (headers: Record<string, string>) =>
			ask(api.port, "POST", "/v1/chat/completions", { ...json, ...headers }, chat);
		for (const headers of [{ origin: evil }, { host: "evil.example" }, { "sec-fetch-site": "cross-site" }]) {
			expect((await send({ ...headers })).status).toBe(403);
		}
		const made = await api.keys.make("for a while");
		expect((await send({ authorization: "Bearer nsk_wrong" })).status).toBe(401);
		expect(rooms.gateCalls).toEqual([]);
		if (made.ok) await api.keys.revoke(made.value.key.id);
		expect((await send({})).status).toBe(404);
		expect(rooms.gateCalls).toContain("close");
	});
});

describe("a path that tries to leave its place", () => {
	it.each([
		"/v1/files/../../etc/passwd",
		"/v1/files/..%2f..%2fetc%2fpasswd/content",
		"/v1/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
		"/v1/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd/content",
		"/v1/files/..%5c..%5cwindows%5cwin.ini/content",
		"/v1/files/%252e%252e%252fpasswd/content",
		"/v1/files/%00/content",
		"/v1/files/file-%00.jsonl",
		"/v1/files/%zz/content",
		"/v1/files/%c0%ae%c0%ae/content",
		"/v1/files/%F0%9F%8C%99/content",
		"/v1/files/%e2%80%ae/content",
		`/v1/files/${"a".repeat(20_000)}/content`,
		"/v1/files/'%20OR%201=1--/content",
		"/v1/files/./content",
		"/v1/files//content",
		"/v1/batches/..%2f..%2f",
		"/v1/uploads/..%2f..%2f/cancel",
		"/v1/models/..%2f..%2fetc%2fpasswd",
		"file:///etc/passwd",
		"*",
	])("finds nothing: %.60s", async (path) => {
		for (const method of ["GET", "DELETE"]) {
			const answer = await ask(api.port, method, path);
			expect([400, 403, 404, 405]).toContain(answer.status);
			expect(answer.text.length).toBeLessThan(500);
			expect(answer.text).not.toContain("root:");
			if (!path.includes("passwd")) expectNothingOfTheInside(answer.text);
			errorEnvelopeSchema.parse(JSON.parse(answer.text));
		}
		expect(api.ledger.file(fileId)).not.toBeNull();
	});
});

describe("the port", () => {
	it("is open on 127.0.0.1 alone", async () => {
		const reached = await new Promise<boolean>((resolve) => {
			// Loopback too: a server on all addresses would answer here.
			const socket = connect(api.port, "127.0.0.2", () => {
				socket.destroy();
				resolve(true);
			});
			socket.on("error", () => resolve(false));
		});
		expect(reached).toBe(false);
	});
});
