/**
 * How well machines of a mesh share one batch: `node build/bench/mesh-scale.ts [--json FILE] [--nodes 1,2,4,8,16] [--lines N]
 * [--seconds N] [--lanes N] [--characters N] [--log-level LEVEL] [--keep]`. Each machine is a process on this computer with a real
 * ledger, real jobs, the real thread of the mesh and TLS on loopback; only its engine is a stand-in that takes a set time for a line.
 *
 * The set speed is such that every row would take `--seconds` (300) were nothing lost, whatever the number of machines; with 200,000
 * lines the whole takes some half an hour. Efficiency is that time through the time it took, from the batch's validation until it is
 * completed on every machine. All machines share this computer's processor and disk, and each stores every result: where `all machines`
 * and `others` come near the number of cores, the figure is that of the computer and not of the mesh, and is marked. With few `--lanes`
 * (64) lines are short: a machine that is not given the processor for as long as a line takes has lanes that stand still.
 */
import { loadavg } from "node:os";
import { type RunFigures, runMesh } from "./mesh-run.ts";
import { machineFacts, option, printTable, say, writeReport } from "./report.ts";

/** Beyond this part of all cores in use, waiting for the processor is no exception any more. */
const BUSY_PART = 0.8;

const nodes = (option("nodes") ?? "1,2,4,8,16").split(",").map(Number);
const lines = Number(option("lines") ?? 200_000);
const seconds = Number(option("seconds") ?? 300);
const wish = {
	lines,
	lanes: Number(option("lanes") ?? 64),
	answerCharacters: Number(option("characters") ?? 500),
	logLevel: option("log-level") ?? "warn",
	keep: process.argv.includes("--keep"),
};
say(`Load before: ${(loadavg()[0] ?? 0).toFixed(2)}`);
const rows: RunFigures[] = [];
for (const count of nodes) {
	const figures = await runMesh({ ...wish, nodes: count, linesPerSecond: lines / seconds / count });
	rows.push(figures);
	print([figures]);
}
print(rows);
const path = option("json");
if (path !== null) writeReport(path, { bench: "mesh-scale", ...wish, seconds, rows });

function print(all: readonly RunFigures[]): void {
	const { threads } = machineFacts();
	printTable(
		`One batch of ${lines.toLocaleString("en-US")} lines`,
		["nodes", "lines/s each", "ideal s", "took s", "efficiency %", "work s", "begin s", "tail s", "end s", "twice"],
		all.map((one) => [
			one.nodes,
			one.linesPerSecond,
			one.idealSeconds,
			one.seconds,
			(100 * one.idealSeconds) / one.seconds,
			one.workSeconds,
			one.beginSeconds,
			one.tailSeconds,
			one.endSeconds,
			one.duplicates,
		]),
	);
	printTable(
		"Each machine, a second (both directions; blobs received)",
		["nodes", "frames", "control KB", "host's frames", "host's KB", "blobs KB", "operations in all", "same output"],
		all.map((one) => [
			one.nodes,
			one.control.framesPerSecond,
			one.control.bytesPerSecond / 1_000,
			one.hostControl.framesPerSecond,
			one.hostControl.bytesPerSecond / 1_000,
			one.blobBytesPerSecond / 1_000,
			one.operations,
			one.isSameOutput ? "yes" : "no",
		]),
	);
	printTable(
		`Processor, in cores of ${threads}`,
		["nodes", "host", "all machines", "others", "load", "timer late at worst, ms", "limited by"],
		all.map((one) => [
			one.nodes,
			one.hostCores,
			one.allCores,
			one.otherCores,
			one.load,
			one.latestMs,
			one.allCores + one.otherCores > BUSY_PART * threads ? "perhaps this computer" : "the set speed",
		]),
	);
}
