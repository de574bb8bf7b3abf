import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { whyNoNetworks } from "../../native/mesh/testing/netns.ts";
import { checkHistory } from "./checker.ts";
import { createRecorder, readHistory } from "./history.ts";
import { makeLines } from "./lines.ts";
import { planTrial } from "./plan.ts";
import { runTrial } from "./trial.ts";

const impossible = whyNoNetworks();

/** Two services and their engines on a processor that others use too; a fault and its end take half a minute. */
const MOST_MS = 240_000;

const LINES = 400;

test.skipIf(impossible !== null)(
	`two real machines keep every promise while their host is killed${impossible === null ? "" : `: ${impossible}`}`,
	{ timeout: MOST_MS },
	async () => {
		const folder = mkdtempSync(join(tmpdir(), "nightshift-trial-"));
		try {
			using recorder = createRecorder(join(folder, "history.jsonl"));
			const { faults } = planTrial(1, [2, 2]);
			const plan = {
				seed: 1,
				machineCount: 2,
				faults: faults.filter(({ fault }) => fault === "kill-host"),
				batches: [],
			};
			await runTrial({ plan, lines: makeLines(1, LINES), smallLines: 0, folder, recorder });
			const { violations, figures } = checkHistory(recorder.history);
			expect(violations).toEqual([]);
			expect(figures).toMatchObject({ machines: 2, batches: 1, level2: 1, lines: LINES });
			expect(figures.faults["kill-host"]).toBeGreaterThan(0);
			expect(readHistory(join(folder, "history.jsonl"))).toEqual(recorder.history);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	},
);
