/**
 * `npm run bench:stop`: how soon everything is given back when somebody else wants the computer. A batch runs through the whole
 * service while a stand-in for NVIDIA's library plays a card on which others come and go, and other processes burn the processor.
 * Options: --rounds N, --json FILE, --model PATH. Times never make it fail; a line lost or doubled does. Needs `cc`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { toFile } from "openai";
import { err, ok, type Result } from "../../native/base/base.ts";
import type { SettingsPatch, Status, Yield } from "../../native/contract/contract.ts";
import { locate } from "../../native/locations/locations.ts";
import { buildStandIn, type StandIn } from "../../native/machine/nvml/stand-in-testing.ts";
import { option, printTable, say, warnIfBusy, writeReport } from "./report.ts";
import { killChildrenAtExit } from "./server-process.ts";
import { type BenchService, startBenchService } from "./yield-service.ts";

const CARD_BYTES = 24 * 2 ** 30;
const OURS_BYTES = 5 * 2 ** 30;
const OURS_PERCENT = 35;
/** The card is told anew this often whether our process is still on it. */
const PLAY_MS = 20;
const POLL_MS = 10;
const COPIES_OF_TICKETS = 10;
const settings: SettingsPatch = { schedule: { mode: "always" }, limits: { othersCpuPercent: 40 } };

/** What another program does, and for how long it has to be seen before it counts. */
interface Cause {
	readonly name: string;
	readonly kind: string;
	readonly card: (pid: number) => readonly string[];
	readonly burners: number;
}

/** The card as its driver tells it: who is on it, and what that comes to. */
function cardLines(oursPid: number | null, others: readonly string[]): readonly string[] {
	const ours = oursPid === null ? [] : [`process ${oursPid} ${OURS_BYTES} ${OURS_PERCENT} compute`];
	const lines = [...ours, ...others];
	const sum = (field: number): number => lines.reduce((total, line) => total + Number(line.split(" ")[field]), 0);
	return [`gpu ${CARD_BYTES} ${sum(2)} ${sum(3)} 250000 60`, ...lines];
}

const causes: readonly Cause[] = [
	{
		name: "another program takes 15 GB of GPU memory",
		kind: "gpu-memory",
		card: (pid) => [`process ${pid} ${15 * 2 ** 30} 5 graphics`],
		burners: 1,
	},
	{
		name: "another program uses 60 % of the GPU",
		kind: "gpu-busy",
		card: (pid) => [`process ${pid} 1000000000 60 graphics`],
		burners: 1,
	},
	{ name: "other programs burn the processor", kind: "cpu-busy", card: () => [], burners: 4 * availableParallelism() },
	{ name: "the owner pauses", kind: "paused", card: () => [], burners: 0 },
];

/** One time. */
interface Round {
	/** From the cause to the verdict: waiting for the next look, and for load to last. */
	readonly noticedMs: number;
	readonly stop: Yield;
}

/** Plays the card: our inference process is on it as long as it lives. */
function createCard(standIn: StandIn) {
	let oursPid: number | null = null;
	let others: readonly string[] = [];
	const play = (): void => standIn.play(...cardLines(oursPid !== null && isAlive(oursPid) ? oursPid : null, others));
	const timer = setInterval(play, PLAY_MS);
	return {
		set ours(pid: number | null) {
			oursPid = pid;
		},
		set others(lines: readonly string[]) {
			others = lines;
			play();
		},
		end: () => clearInterval(timer),
	};
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

async function until(service: BenchService, isSo: (status: Status) => boolean): Promise<Status> {
	for (;;) {
		const status = await service.status();
		if (!status.ok) throw new Error(status.error);
		if (isSo(status.value)) return status.value;
		await wait(POLL_MS);
	}
}

/** The service's only child. */
async function inferencePid(servicePid: number): Promise<number | null> {
	const children = await readFile(`/proc/${servicePid}/task/${servicePid}/children`, "utf8");
	const pid = children.trim().split(" ")[0] ?? "";
	return pid === "" ? null : Number(pid);
}

async function playRound(service: BenchService, card: ReturnType<typeof createCard>, cause: Cause): Promise<Round> {
	const working = await until(
		service,
		({ models, batches }) =>
			models.some((model) => model.usedByBatch && model.state === "ready") && (batches[0]?.linesPerSecond ?? 0) > 0,
	);
	card.ours = await inferencePid(working.pid);
	// Two looks, so that the card's figures before are those with our process on it.
	await wait(5_000);
	const burners: ChildProcess[] = Array.from({ length: cause.burners }, () =>
		spawn(process.execPath, ["-e", cause.kind === "cpu-busy" ? "for (;;) {}" : "setInterval(() => {}, 1e9)"], {
			stdio: "ignore",
		}),
	);
	const startedMs = performance.now();
	try {
		if (cause.kind === "paused") await service.call("/api/rest", { action: "pause" });
		else card.others = cause.card(burners[0]?.pid ?? 0);
		await until(
			service,
			({ verdict }) =>
				verdict.causes.some(({ kind }) => kind === cause.kind) && verdict.rung !== "run" && verdict.rung !== "freeze",
		);
		const noticedMs = performance.now() - startedMs;
		await until(service, ({ models }) => models.length === 0);
		card.ours = null;
		await wait(3_000);
		return { noticedMs, stop: await letGo(service, card, burners) };
	} finally {
		for (const burner of burners) burner.kill("SIGKILL");
	}
}

/** Ends the cause, has work go on, and answers the record. */
async function letGo(
	service: BenchService,
	card: ReturnType<typeof createCard>,
	burners: readonly ChildProcess[],
): Promise<Yield> {
	const before = (await until(service, () => true)).stepAside.totals.count;
	for (const burner of burners) burner.kill("SIGKILL");
	card.others = [];
	await until(service, ({ verdict }) => verdict.causes.every(({ kind, isGone }) => isGone || kind === "paused"));
	await service.call("/api/rest", { action: "resume" });
	const after = await until(service, ({ stepAside }) => stepAside.totals.count > before);
	const last = after.stepAside.yields.at(-1);
	if (last === undefined) throw new Error("No record was written.");
	return last;
}

async function main(rounds: number): Promise<Result<null, string>> {
	killChildrenAtExit();
	warnIfBusy();
	const folder = await mkdtemp(join(tmpdir(), "nightshift-stop-"));
	const standIn = buildStandIn();
	const card = createCard(standIn);
	try {
		const started = await startBenchService({
			folder: option("model") === null ? join(import.meta.dirname, "..", "..", ".cache") : folder,
			modelPath: option("model") ?? locate(folder).demoModelPath,
			modelName: "bench",
			threads: availableParallelism(),
			hasGpu: true,
			settings,
			environment: standIn.environment,
			logPath: join(folder, "service.log"),
		});
		if (!started.ok) return started;
		const measured = await measure(started.value, card, rounds);
		await started.value.stop();
		return measured;
	} finally {
		card.end();
		standIn.remove();
		await rm(folder, { recursive: true, force: true });
	}
}

async function measure(
	service: BenchService,
	card: ReturnType<typeof createCard>,
	rounds: number,
): Promise<Result<null, string>> {
	const lines = await ticketLines();
	const file = await service.client.files.create({
		purpose: "batch",
		file: await toFile(Buffer.from(lines.join("\n")), "tickets.jsonl"),
	});
	const batch = await service.client.batches.create({
		input_file_id: file.id,
		endpoint: "/v1/chat/completions",
		completion_window: "24h",
	});
	const results: { readonly cause: Cause; readonly rounds: readonly Round[] }[] = [];
	for (const cause of causes) {
		say(`${cause.name}: ${rounds} rounds`);
		const done: Round[] = [];
		for (let round = 0; round < rounds; round++) done.push(await playRound(service, card, cause));
		results.push({ cause, rounds: done });
	}
	printTable(
		"From the look or event that showed the cause to everything given back",
		["cause", "rounds", "noticed after ms: median", "give back ms: median", "max", "lanes", "tokens lost: most"],
		results.map(({ cause, rounds: all }) => [
			cause.name,
			all.length,
			median(all.map(({ noticedMs }) => noticedMs)),
			median(all.map(({ stop }) => stop.handBackMs)),
			Math.max(...all.map(({ stop }) => stop.handBackMs)),
			Math.max(...all.map(({ stop }) => stop.frozenLanes)),
			Math.max(...all.map(({ stop }) => stop.recomputedTokens)),
		]),
	);
	const json = option("json");
	if (json !== null) writeReport(json, { bench: "stop", results });
	return checkOutput(service, batch.id, lines.length);
}

/** The batch ends, and every line has one answer. */
async function checkOutput(service: BenchService, batchId: string, lineCount: number): Promise<Result<null, string>> {
	say("Waiting for the batch to end");
	for (;;) {
		const batch = await service.client.batches.retrieve(batchId);
		if (batch.status === "completed") {
			const text = await (await service.client.files.content(batch.output_file_id ?? "")).text();
			const ids = text
				.trimEnd()
				.split("\n")
				.map((line) => JSON.parse(line).custom_id);
			if (ids.length !== lineCount || new Set(ids).size !== lineCount)
				return err(`${ids.length} answers of ${lineCount} lines`);
			say(`${lineCount} lines, each answered once`);
			return ok(null);
		}
		await wait(1_000);
	}
}

async function ticketLines(): Promise<readonly string[]> {
	const path = join(import.meta.dirname, "..", "..", "assets", "examples", "tickets.jsonl");
	const tickets = (await readFile(path, "utf8")).trimEnd().split("\n");
	return Array.from({ length: COPIES_OF_TICKETS }, (_, copy) =>
		tickets.map((text) => {
			const line = JSON.parse(text);
			return JSON.stringify({
				...line,
				custom_id: `${line.custom_id}-${copy}`,
				body: { ...line.body, model: "bench", seed: copy },
			});
		}),
	).flat();
}

function median(values: readonly number[]): number {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

const outcome = await main(Number(option("rounds") ?? 5));
if (!outcome.ok) {
	say(outcome.error);
	process.exitCode = 1;
}
