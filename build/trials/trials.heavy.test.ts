import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { whyNoNetworks } from "../../native/mesh/testing/netns.ts";
import { runAlone } from "./alone.ts";
import { checkHistory } from "./checker.ts";
import { createRecorder } from "./history.ts";
import { makeLines } from "./lines.ts";
import { planTrial } from "./plan.ts";
import { runTrial } from "./trial.ts";

const impossible = whyNoNetworks();

/** Storm, healing and the same lines by one machine, on two cores that others use too. */
const MOST_MS = 900_000;

const SEEDS = [1, 2, 3];

test.skipIf(impossible !== null).each(SEEDS)(
	`real machines keep every promise in the storm of seed %i${impossible === null ? "" : `: ${impossible}`}`,
	{ timeout: MOST_MS },
	async (seed) => {
		const folder = mkdtempSync(join(tmpdir(), "nightshift-trial-"));
		try {
			using recorder = createRecorder(join(folder, "history.jsonl"));
			const lines = makeLines(1, 2_000);
			recorder.record({ kind: "alone", request: 1, answers: await runAlone(lines, folder), labels: [...lines.labels] });
			await runTrial({ plan: planTrial(seed, [3, 5]), lines, smallLines: 20, folder, recorder });
			const { violations, figures } = checkHistory(recorder.history);
			console.log(`seed ${seed}: ${JSON.stringify(figures)}`);
			expect(violations).toEqual([]);
		} finally {
			rmSync(folder, { recursive: true, force: true });
		}
	},
);
