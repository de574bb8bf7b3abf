/** What the machines of a trial have on their disks once nothing runs any more: the ledgers, checked, and the starts of lines. */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { parseJson, silentLog, systemClock } from "../../native/base/base.ts";
import { decodeContent } from "../../native/ledger/log.ts";
import { openLedger } from "../../native/ledger/open.ts";
import { locate } from "../../native/locations/locations.ts";
import type { Recorder, SeenSegment } from "./history.ts";
import type { Machine } from "./machines.ts";

const startSchema = z.object({ batch: z.string(), line: z.int(), time: z.number(), msg: z.literal("line started") });

/** Writes down what a machine that is down has. */
export async function readMachine(machine: Machine, recorder: Recorder): Promise<void> {
	recorder.record({ kind: "ledger", machine: machine.name, ...(await readLedger(machine.dataDir)) });
	for (const [batchId, starts] of readStarts(machine.dataDir)) {
		recorder.record({ kind: "line-starts", machine: machine.name, batchId, starts });
	}
}

async function readLedger(dataDir: string) {
	const opened = await openLedger({ dataDir, clock: systemClock, log: silentLog });
	if (!opened.ok) return { origin: "", problems: [opened.error.message], segments: [] };
	const ledger = opened.value;
	const problems: string[] = [];
	for await (const { kind, message } of ledger.verify()) problems.push(`${kind}: ${message}`);
	const segments: SeenSegment[] = [];
	for (const op of ledger.exchange.operations()) {
		if (op.kind !== "segment") continue;
		const content = decodeContent(op);
		if (content.kind !== "segment") continue;
		const { batchId, lines, errors } = content.body;
		const { origin, atMs } = op;
		segments.push({ batchId, origin, atMs, lines: lines.map(copy), errors: errors.map(copy) });
	}
	await ledger.close();
	return { origin: ledger.exchange.origin, problems, segments };
}

/** Every start of a line that the service wrote down, by batch. A record cut off by a kill is left out. */
function readStarts(dataDir: string): ReadonlyMap<string, [number, number][]> {
	const { logPath } = locate(dataDir);
	const byBatch = new Map<string, [number, number][]>();
	if (!existsSync(logPath)) return byBatch;
	for (const record of readFileSync(logPath, "utf8").split("\n")) {
		const start = startSchema.safeParse(parseJson(record));
		if (!start.success) continue;
		const { batch, line, time } = start.data;
		const starts = byBatch.get(batch) ?? [];
		byBatch.set(batch, starts);
		starts.push([line, time]);
	}
	return byBatch;
}

function copy([first, count]: readonly [number, number]): [number, number] {
	return [first, count];
}
