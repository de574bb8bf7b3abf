/**
 * The process that the kill test kills: claims and commits lines of one batch in calls of random size, several at once, and
 * stores files in between. Meanwhile it pauses, queues, retries and collects other batches. Each acknowledged change is told on standard output, one JSON text a line, after it was acknowledged.
 */
import { writeSync } from "node:fs";
import { silentLog, systemClock } from "../../base/base.ts";
import { openLedger } from "../open.ts";
import { makeBatch, makeFile, resultOf } from "./fixtures.ts";

const [dataDir = "", batchId = ""] = process.argv.slice(2);
const WORKERS = 4;

const opened = await openLedger({ dataDir, clock: systemClock, log: silentLog });
if (!opened.ok) throw new Error(opened.error.message);
const ledger = opened.value;

function tell(fact: object): void {
	writeSync(1, `${JSON.stringify(fact)}\n`);
}

async function work(): Promise<void> {
	for (;;) {
		const lease = ledger.claim(batchId, 1 + Math.floor(Math.random() * 20), 60_000);
		if (lease === null) return;
		const lines = lease.lines.map((leased) => leased.line);
		await ledger.commit(
			batchId,
			lines.map((line) => resultOf(line, `answer ${line}`)),
		);
		tell({ lines });
		if (lines.length !== 1) continue;
		const file = await makeFile(ledger, `${lines[0]}\n`);
		tell({ fileId: file.id });
	}
}

/** Decides about batches of its own until all lines are done; nothing that is told is taken back later. */
async function decide(): Promise<void> {
	const end = { status: "completed", output: null, errors: null, extension: "jsonl" } as const;
	while (!isDone) {
		const paused = await makeBatch(ledger, 1);
		await ledger.pause(paused, "user", "");
		tell({ decided: "paused", id: paused });
		const id = await makeBatch(ledger, 1, { manifest: { rehearsal: { lines: 1, spread: false } } });
		await ledger.queue(id, 60_000);
		tell({ decided: "queued", id });
		await ledger.commit(id, [resultOf(0, "no", true)]);
		await ledger.seal(id, end);
		await ledger.retry(id, "all", 60_000);
		tell({ decided: "retried", id });
		await ledger.commit(id, [resultOf(0)]);
		await ledger.seal(id, end);
		await ledger.markCollected(id);
		tell({ decided: "collected", id });
	}
}

let isDone = false;
tell({ ready: true });
const deciding = decide();
await Promise.all(Array.from({ length: WORKERS }, work));
isDone = true;
await deciding;
tell({ done: true });
await ledger.close();
