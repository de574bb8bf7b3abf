import { test } from "vitest";
import { expectToSurvive } from "./kill-testing.ts";

test("50 kills at random moments lose nothing, double nothing and rerun no recorded line", async () => {
	await expectToSurvive({ lines: 500, kills: 50 });
}, 1_800_000);
