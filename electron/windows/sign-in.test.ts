import { expect, it } from "vitest";
import type { Answer } from "../service/link.ts";
import { createFakeLink } from "../testing/fake-link.ts";
import { up } from "../testing/sample-state.ts";
import { createPageAddress } from "./sign-in.ts";
import { serviceUrl } from "./testing.ts";

const coded: Answer<string> = { ok: true, value: `${serviceUrl}/#code=one` };
const down: Answer<string> = { ok: false, error: { kind: "down", message: "It is down.", status: null } };

function addressWith(
	fetch: () => Promise<{ readonly status: number }>,
	service = createFakeLink({ service: up }),
	code = coded,
) {
	return createPageAddress({ service, session: { fetch }, codeAddress: async () => code })();
}

it("windows that are signed in need no code", async () => {
	expect(await addressWith(async () => ({ status: 200 }))).toEqual({ ok: true, value: `${serviceUrl}/` });
});

it.each([401, 403, 500])("an answer of %i is no proof of it", async (status) => {
	expect(await addressWith(async () => ({ status }))).toEqual(coded);
});

it("where nobody can be asked a code is", async () => {
	expect(await addressWith(() => Promise.reject(new TypeError("fetch failed")))).toEqual(coded);
});

it("of a service that is down nothing is asked but the code, which says so", async () => {
	let isAsked = false;
	const fetch = async () => {
		isAsked = true;
		return { status: 200 };
	};
	expect(await addressWith(fetch, createFakeLink(), down)).toEqual(down);
	expect(isAsked).toBe(false);
});
