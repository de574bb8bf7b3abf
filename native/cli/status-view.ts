/** The state of the service in words. Pure. */
import { durationInWords, formatCount } from "../base/base.ts";
import type { ResidentModelStatus, Status, Verdict, Yield } from "../contract/contract.ts";
import { describeCause } from "./cause-words.ts";
import { describeDurability, harmless } from "./machines-view.ts";

/** As many as fit on a screen beside the rest. */
const YIELDS_SHOWN = 10;

/** What `nightshift status` prints: what runs, and the last times that batch work stepped aside. */
export function describeStatus(status: Status): string {
	const { version, pid, uptimeSeconds, models, live, stepAside, verdict, batches, mesh } = status;
	const lines = [
		`Nightshift ${version} runs as process ${pid} for ${durationInWords(uptimeSeconds * 1_000)}.`,
		"",
		...section("Batch work", describeVerdict(verdict), ""),
		...section("Models", models.map(describeModel), "none in memory"),
		...section(
			"Batches",
			batches.map((batch) => describeBatch(batch, mesh)),
			"none open",
		),
		...(mesh.isOn || mesh.machines > 1 ? section("Machines", describeMesh(mesh), "") : []),
		...section("Live requests", [`${live.running} running, ${live.waiting} waiting, ${live.limit} at most`], ""),
		...section("Stepping aside", describeStepAside(stepAside), ""),
	];
	return `${lines.join("\n").trimEnd()}\n`;
}

/** The verdict, and below it what keeps work from running beside the gravest cause. */
function describeVerdict({ reason, causes }: Verdict): readonly string[] {
	return [reason, ...causes.slice(1).map(({ words }) => `also: ${words}`)];
}

function section(title: string, lines: readonly string[], empty: string): readonly string[] {
	const shown = lines.length > 0 ? lines : [empty];
	return [title, ...shown.map((line) => `  ${line}`.trimEnd()), ""];
}

function describeModel(model: ResidentModelStatus): string {
	const parts = [`${model.name}: ${describeState(model)}`];
	if (model.batchLanes !== null && model.batchLanes > 0) {
		parts.push(`${model.batchLanes} batch lanes of ${model.batchContextTokens} tokens`);
	}
	if (model.interactiveLanes !== null && model.interactiveLanes > 0) {
		parts.push(`${model.interactiveLanes} live lanes of ${model.interactiveContextTokens} tokens`);
	}
	if (model.gpu !== null) parts.push(model.gpu === "none" ? "no GPU" : model.gpu);
	if (model.usedByBatch) parts.push("used by a batch");
	if (model.liveRequests > 0)
		parts.push(model.liveRequests === 1 ? "1 live request" : `${formatCount(model.liveRequests)} live requests`);
	return parts.join(", ");
}

function describeState({ state, progress, problem }: ResidentModelStatus): string {
	if (state === "loading" && progress !== null) return `loading, ${Math.round(progress * 100)} %`;
	return problem === null ? state : `${state} (${problem})`;
}

function describeMesh({ isOn, trouble, machines, online, working, host }: Status["mesh"]): readonly string[] {
	if (!isOn) return ["working together is switched off: 'nightshift machines on'"];
	const led = host === null ? "nobody is host" : `${harmless(host)} is host`;
	const counts = `${formatCount(online)} of ${formatCount(machines)} online, ${formatCount(working)} at work, ${led}`;
	return trouble === null ? [counts] : [counts, `needs you: ${trouble}`];
}

function describeBatch(batch: Status["batches"][number], mesh: Status["mesh"]): string {
	const { id, status, total, completed, failed, linesPerSecond, secondsLeft, activity, trouble } = batch;
	const parts = [`${id}: ${status}`, `${formatCount(completed + failed)}/${formatCount(total)} lines`];
	if (failed > 0) parts.push(`${formatCount(failed)} failed`);
	if (linesPerSecond > 0) parts.push(`${linesPerSecond.toFixed(1)} lines/s`);
	if (secondsLeft !== null) parts.push(`${durationInWords(secondsLeft * 1_000)} left`);
	parts.push(trouble === null ? activity : `needs you: ${trouble}`);
	// Who works alone knows where all of it is.
	if (mesh.machines > 1) {
		const held = batch.machines.map(({ name, lines }) => `${harmless(name)} ${formatCount(lines)}`);
		if (held.length > 0) parts.push(`in hand: ${held.join(", ")}`);
		parts.push(describeDurability(batch.durability));
	}
	return parts.join(", ");
}

function describeStepAside({ isAside, totals, yields }: Status["stepAside"]): readonly string[] {
	const now = isAside ? "batch work is aside now" : "batch work may run";
	if (totals.count === 0) return [isAside ? now : `${now}; it has never had to step aside`];
	const lost =
		totals.recomputedTokens === 0
			? "nothing computed twice"
			: `${formatCount(totals.recomputedTokens)} tokens computed twice`;
	const frozen = durationInWords(totals.frozenMs);
	const past = `${now}; stepped aside ${times(totals.count)}, ${frozen} in all, ${lost}`;
	return [past, "", ...table(yields.slice(-YIELDS_SHOWN))];
}

const headings = ["when", "for", "requests", "hand back ms", "steps", "tokens", "lanes", "frozen s", "recomputed"];
/** Columns of words are set to the left, numbers to the right. */
const WORD_COLUMNS = 2;

function table(yields: readonly Yield[]): readonly string[] {
	const rows = [headings, ...yields.map(describeYield)];
	const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
	return rows.map((row) =>
		row
			.map((cell, column) => {
				const width = widths[column] ?? 0;
				return column < WORD_COLUMNS ? cell.padEnd(width) : cell.padStart(width);
			})
			.join("  "),
	);
}

function describeYield(entry: Yield): readonly string[] {
	const { cause, requests, arrivedAtMs, handBackMs, batchSteps, batchTokens, frozenLanes, frozenMs } = entry;
	return [
		localTime(new Date(arrivedAtMs)),
		describeCause(cause),
		formatCount(requests),
		handBackMs.toFixed(1),
		formatCount(batchSteps),
		formatCount(batchTokens),
		formatCount(frozenLanes),
		(frozenMs / 1000).toFixed(1),
		formatCount(entry.recomputedTokens),
	];
}

/** e.g. `2026-11-21 06:35:07`, in the time of whoever reads it. */
function localTime(date: Date): string {
	const two = (value: number) => String(value).padStart(2, "0");
	const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
	return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

function times(value: number): string {
	return value === 1 ? "once" : `${formatCount(value)} times`;
}
