import { test } from "vitest";
import { manyTickets } from "./files.ts";
import { hasEnded, submit, untilBatch } from "./jobs.ts";
import { expectToBrowse, MANY_LINES } from "./many-lines.ts";
import { startWorld } from "./testing.ts";

const world = startWorld();

test("a job of 100,000 answered lines is browsed and searched without a pause one would feel", async () => {
	const id = await submit(world.service, manyTickets("many.jsonl", MANY_LINES));
	await untilBatch(world.service, id, hasEnded);
	await expectToBrowse(await world.open({ at: `#/jobs/${id}` }));
}, 900_000);
