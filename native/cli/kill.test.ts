import { test } from "vitest";
import { expectToSurvive } from "./kill-testing.ts";

test("a few kills at random moments lose nothing, double nothing and rerun no recorded line", async () => {
	await expectToSurvive({ lines: 120, kills: 6 });
}, 300_000);
