import fc from "fast-check";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { ServicePhase } from "../state/state.ts";
import { up } from "../testing/sample-state.ts";
import { CRASH_WINDOW_MS, HANG_PATIENCE_MS } from "./page-health.ts";
import { createPageHost, LOAD_PAUSE_MS, MOST_LOADS, RESTART_PATIENCE_MS } from "./page-host.ts";
import { downPage, serviceUrl, setDesk } from "./testing.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const otherUrl = "http://127.0.0.1:40123";
const phase: fc.Arbitrary<ServicePhase> = fc.oneof(
	fc.constant<ServicePhase>({ kind: "starting" }),
	fc.constantFrom<ServicePhase>(up, { kind: "up", url: otherUrl, version: "1.0.0" }),
	fc.integer({ min: 1, max: 9 }).map((attempt): ServicePhase => ({ kind: "restarting", attempt, delayMs: 500 })),
	fc.constant<ServicePhase>({ kind: "given-up", message: "The data folder is in use." }),
	fc.constant<ServicePhase>({ kind: "stopped" }),
);
const happening = fc.oneof(
	fc.record({ kind: fc.constant("phase"), phase }),
	fc.record({ kind: fc.constant("wait"), ms: fc.constantFrom(0, 1, LOAD_PAUSE_MS, 5_000, RESTART_PATIENCE_MS) }),
	fc.record({ kind: fc.constant("network"), isUp: fc.boolean() }),
	fc.record({ kind: fc.constantFrom("crash", "hang", "sign-out", "try-again") }),
	fc.record({ kind: fc.constant("go"), hash: fc.constantFrom("#/", "#/jobs/batch_1", "#/settings") }),
);

type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

function setUp() {
	const all = setDesk();
	const window = all.desk.createWindow({});
	const host = createPageHost(window, "window", all.page);
	const contents = window.webContents;
	return {
		...all,
		window,
		contents,
		async happen(what: Happening): Promise<void> {
			if ("phase" in what) all.service.become({ service: what.phase });
			else if ("ms" in what) await vi.advanceTimersByTimeAsync(what.ms);
			else if ("isUp" in what) {
				for (const url of [serviceUrl, otherUrl]) all.desk.web.unreachable[what.isUp ? "delete" : "add"](url);
			} else if ("hash" in what) host.goTo(what.hash);
			else if (what.kind === "crash") contents.crash();
			else if (what.kind === "hang") window.becomeUnresponsive();
			else if (what.kind === "sign-out") all.desk.session.signedIn.clear();
			else if (contents.getURL().includes(downPage)) contents.follow("?do=try-again");
		},
	};
}

/** Longer than anything the window waits for. */
const longMs = CRASH_WINDOW_MS + HANG_PATIENCE_MS + RESTART_PATIENCE_MS + MOST_LOADS * LOAD_PAUSE_MS;

it("whatever has happened, a window shows the page of a service that is there, or the way to it", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (story) => {
			const { window, contents, desk, service, happen } = setUp();
			for (const what of story) {
				await happen(what);
				const address = window.address;
				const isOurs = [serviceUrl, otherUrl].some((url) => address.startsWith(`${url}/`));
				expect(address === "" || isOurs || address.includes(downPage)).toBe(true);
			}
			desk.web.unreachable.clear();
			service.become({ service: up });
			await vi.advanceTimersByTimeAsync(longMs);
			// It was given up before; then there is a link that leads on.
			if (window.address.includes(downPage)) {
				expect(new URL(window.address).searchParams.get("try-again")).toBe("Try again");
				contents.follow("?do=try-again");
				await vi.advanceTimersByTimeAsync(longMs);
			}
			expect(window.address.startsWith(`${serviceUrl}/`)).toBe(true);
			expect(contents.isCrashed).toBe(false);
		}),
		{ numRuns: 300 },
	);
});

it("whatever has happened, a window says it when the service is given up, and loads nothing any more", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (story) => {
			const { window, contents, service, happen } = setUp();
			for (const what of story) await happen(what);
			service.become({ service: { kind: "starting" } });
			service.become({ service: { kind: "given-up", message: "The data folder is in use." } });
			await vi.advanceTimersByTimeAsync(longMs);
			expect(new URL(window.address).searchParams.get("detail")).toBe("The data folder is in use.");
			const { documents } = contents;
			await vi.advanceTimersByTimeAsync(longMs);
			expect(contents.documents).toBe(documents);
		}),
		{ numRuns: 300 },
	);
});
