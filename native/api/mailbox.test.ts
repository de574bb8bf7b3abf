import { expect, test } from "vitest";
import type { BatchDetails } from "../contract/contract.ts";
import type { StreamEvent } from "../engine/dialects/dialect.ts";
import { sampleDetails } from "./batch-testing.ts";
import { createMailbox } from "./mailbox.ts";

function createBox() {
	const sent: StreamEvent[] = [];
	const state = { isIdle: false, isOver: false };
	const mailbox = createMailbox({
		isIdle: () => state.isIdle,
		send: (events) => void sent.push(...events),
		onOverflow() {
			state.isOver = true;
		},
	});
	return { mailbox, sent, state };
}

const batch = (id: string, completed = 0): BatchDetails =>
	sampleDetails({ id, request_counts: { total: 9, completed, failed: 0 } });

test("sends at once while the page reads", () => {
	const { mailbox, sent, state } = createBox();
	state.isIdle = true;
	mailbox.put("machine", { value: 1 });
	mailbox.putBatches({ changed: [], gone: [] });
	expect(sent).toEqual([
		{ event: "machine", data: { value: 1 } },
		{ event: "batches", data: { changed: [], gone: [] } },
	]);
});

test("keeps only the newest of each state for a page that reads slowly", () => {
	const { mailbox, sent } = createBox();
	for (let value = 0; value < 10_000; value += 1) mailbox.put("machine", { value });
	mailbox.put("engine", { value: "last" });
	expect(sent).toEqual([]);
	mailbox.flush();
	expect(sent).toEqual([
		{ event: "machine", data: { value: 9_999 } },
		{ event: "engine", data: { value: "last" } },
	]);
	mailbox.flush();
	expect(sent).toHaveLength(2);
});

test("gathers batches that changed: the newest of each, and none that is gone", () => {
	const { mailbox, sent, state } = createBox();
	mailbox.putBatches({ changed: [batch("a"), batch("b"), batch("c")], gone: [] });
	mailbox.putBatches({ changed: [batch("a", 5)], gone: ["b"] });
	state.isIdle = true;
	mailbox.putBatches({ changed: [batch("d")], gone: [] });
	expect(sent).toEqual([{ event: "batches", data: { changed: [batch("a", 5), batch("c"), batch("d")], gone: ["b"] } }]);
});

test("tells an empty list too: a page must know that there are no batches", () => {
	const { mailbox, sent } = createBox();
	mailbox.putBatches({ changed: [], gone: [] });
	mailbox.flush();
	expect(sent).toEqual([{ event: "batches", data: { changed: [], gone: [] } }]);
});

test("gives a page up that reads none of very many batches", () => {
	const { mailbox, state } = createBox();
	for (let count = 0; count < 1_000; count += 1) mailbox.putBatches({ changed: [batch(`batch_${count}`)], gone: [] });
	expect(state.isOver).toBe(false);
	mailbox.putBatches({ changed: [batch("batch_more")], gone: [] });
	expect(state.isOver).toBe(true);
});
