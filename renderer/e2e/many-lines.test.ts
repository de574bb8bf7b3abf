import { test } from "vitest";
import { manyTickets } from "./files.ts";
import { submit, untilBatch } from "./jobs.ts";
import { expectToBrowse, MANY_LINES } from "./many-lines.ts";
import { startWorld } from "./testing.ts";

const world = startWorld();

test("a job of 100,000 lines that has just begun is browsed and searched without a pause one would feel", async () => {
	const id = await submit(world.service, manyTickets("many.jsonl", MANY_LINES));
	await untilBatch(world.service, id, ({ request_counts: { completed } }) => completed > 0);
	await world.service.client.open(`/api/batches/${id}/pause`, { method: "POST" });
	await expectToBrowse(await world.open({ at: `#/jobs/${id}` }));
});
