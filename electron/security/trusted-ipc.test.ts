import { describe, expect, it } from "vitest";
import { z } from "zod";
import { FakeIpcMain } from "../testing/fake-ipc-main.ts";
import { createFakeLog } from "../testing/fake-log.ts";
import type { FramePort } from "./ports.ts";
import { createTrustedIpc, createTrustedSenders } from "./trusted-ipc.ts";

const origin = "http://127.0.0.1:22007";
const page = (at = origin): FramePort => ({ origin: at, parent: null });

function setUp(serviceOrigin: string | null = origin) {
	const ipc = new FakeIpcMain();
	const senders = createTrustedSenders();
	const log = createFakeLog();
	const trusted = createTrustedIpc({
		ipc,
		senders,
		origin: () => serviceOrigin,
		log,
	});
	const heard: unknown[] = [];
	trusted.handle("say", z.string().max(5), (value, senderId) => {
		heard.push(value);
		return `${value} to ${senderId}`;
	});
	trusted.listen("nudge", (senderId) => void heard.push(senderId));
	const ours = { id: 7, mainFrame: page() };
	senders.add(ours);
	return { ipc, senders, warnings: log.warnings, heard, ours };
}

describe("calls of pages", () => {
	it("of our own windows are answered", async () => {
		const { ipc, ours, heard } = setUp();
		expect(await ipc.invoke(ours, "say", ["hello"])).toBe("hello to 7");
		ipc.send(ours, "nudge", []);
		expect(heard).toEqual(["hello", 7]);
	});

	it.each([
		["another window", { id: 8, mainFrame: page() }, undefined],
		["another page in our window", { id: 7, mainFrame: page("https://example.org") }, undefined],
		["the page for a service that is down", { id: 7, mainFrame: page("file://") }, undefined],
		["a page without an origin", { id: 7, mainFrame: page("null") }, undefined],
		["a frame in our page", { id: 7, mainFrame: page() }, { origin, parent: page() }],
		["a frame that is gone", { id: 7, mainFrame: page() }, null],
	])("of %s are refused", async (_who, caller, frame) => {
		const { ipc, heard, warnings } = setUp();
		// A frame that is gone is told as null, not as the page.
		await expect(ipc.invoke(caller, "say", ["hello"], frame)).rejects.toThrow("Refused.");
		ipc.send(caller, "nudge", [], frame);
		expect(heard).toEqual([]);
		expect(warnings).toHaveLength(2);
	});

	it("are refused while there is no service whose page it could be", async () => {
		const { ipc, ours } = setUp(null);
		await expect(ipc.invoke({ ...ours, mainFrame: page("null") }, "say", ["hello"])).rejects.toThrow("Refused.");
	});

	it("are refused when the window is gone", async () => {
		const { ipc, senders, ours } = setUp();
		senders.delete(ours);
		await expect(ipc.invoke(ours, "say", ["hello"])).rejects.toThrow("Refused.");
	});

	it.each([[[]], [["too long for it"]], [[5]], [[{ toString: "hello" }]], [["hello", "and more"]]])(
		"that bring %j are refused",
		async (values) => {
			const { ipc, ours, heard } = setUp();
			await expect(ipc.invoke(ours, "say", values)).rejects.toThrow("Refused.");
			expect(heard).toEqual([]);
		},
	);
});
