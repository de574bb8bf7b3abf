/** What `nightshift doctor` prints. Pure. */
import { durationInWords, formatBytes } from "../base/base.ts";
import type { Gpu, GpuPackList, MachineSnapshot, MachineStatus } from "../contract/contract.ts";
import type { Backend } from "../engine/backends.ts";
import { describePacks } from "./gpu-view.ts";

/** Everything the doctor looked at. */
export interface DoctorFacts extends MachineStatus {
	readonly version: string;
	/** Operating system, processor and runtime, in words. */
	readonly system: string;
	/** A service runs on the data folder; else the doctor looked by itself. */
	readonly isServing: boolean;
	readonly backends: readonly Backend[];
	readonly packs: GpuPackList;
}

/** Processes shown of one GPU: those that use most of it. */
const PROCESSES_SHOWN = 5;

/** The findings, section by section. */
export function describeDoctor(facts: DoctorFacts): string {
	const { snapshot, backends, packs } = facts;
	const lines = [
		`Nightshift ${facts.version} on ${facts.system}. ${facts.isServing ? "The service runs." : "No service runs."}`,
		"",
		...section("Batch work now", describeVerdict(facts)),
		...section("Inference can run on", backends.map(describeBackend)),
		...section("GPU packs", describePacks(packs).trimEnd().split("\n")),
		...section("GPUs", snapshot.gpus.length > 0 ? snapshot.gpus.flatMap(describeGpu) : ["none seen"]),
		...section("Computer", describeComputer(snapshot)),
		...section("User", describeUser(snapshot)),
		...section(
			"Who told",
			snapshot.sources.map(({ name, state, detail }) => `${name}: ${state}; ${detail}`),
		),
	];
	return `${lines.join("\n").trimEnd()}\n`;
}

function section(title: string, lines: readonly string[]): readonly string[] {
	return [title, ...lines.map((line) => `  ${line}`), ""];
}

function describeVerdict({ verdict: { reason, causes } }: DoctorFacts): readonly string[] {
	if (causes.length === 0) return [reason, "nothing would stop it"];
	const others = causes.slice(1);
	return [reason, ...others.map(({ words, isGone }) => `also: ${words}${isGone ? " (over, cooling down)" : ""}`)];
}

function describeBackend({ name, state, detail, devices }: Backend): string {
	const on = devices.length > 0 ? ` on ${devices.join(", ")}` : "";
	return `${name}: ${state}${on}${detail === "" ? "" : `; ${detail}`}`;
}

function describeGpu(gpu: Gpu): readonly string[] {
	const { memory, busy } = gpu;
	const figures = [
		`memory ${amount(memory.usedBytes)} of ${amount(memory.totalBytes)} used`,
		`${amount(memory.oursBytes)} by us, ${amount(memory.othersBytes)} by others`,
		`busy ${percent(busy.totalFraction)}, ${percent(busy.othersFraction)} by others`,
		gpu.temperatureCelsius === null ? null : `${Math.round(gpu.temperatureCelsius)} °C`,
		gpu.powerWatts === null ? null : `${Math.round(gpu.powerWatts)}${limit(gpu.powerLimitWatts)} W`,
		gpu.clockMegahertz === null ? null : `${Math.round(gpu.clockMegahertz)} MHz`,
	].filter((figure) => figure !== null);
	const processes = (gpu.processes ?? []).toSorted((a, b) => (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0));
	return [
		`${gpu.name} (${gpu.id}, told by ${gpu.source})`,
		`  ${figures.join("; ")}`,
		...(gpu.processes === null ? ["  who uses it can't be told"] : []),
		...processes
			.slice(0, PROCESSES_SHOWN)
			.map(
				({ pid, name, isOurs, memoryBytes, busyFraction }) =>
					`  ${isOurs ? "ours" : "other"}: ${name ?? "a process"} (${pid}), ${amount(memoryBytes)}, busy ${percent(busyFraction)}`,
			),
	];
}

function limit(watts: number | null): string {
	return watts === null ? "" : ` of ${Math.round(watts)}`;
}

function describeComputer({ cpu, memory, power, heat }: MachineSnapshot): readonly string[] {
	const battery = power.batteryFraction === null ? "" : `, battery ${percent(power.batteryFraction)}`;
	return [
		`processor: ${cpu.cores} cores, busy ${percent(cpu.totalFraction)}, ${percent(cpu.othersFraction)} by others`,
		`memory: ${amount(memory.availableBytes)} of ${amount(memory.totalBytes)} available`,
		`power: ${power.supply ?? "unknown"}${battery}`,
		`heat: ${heat ?? "unknown"}${cpu.temperatureCelsius === null ? "" : `, processor ${Math.round(cpu.temperatureCelsius)} °C`}`,
	];
}

function describeUser({ user }: MachineSnapshot): readonly string[] {
	if (!user.hasDesktop) return ["no desktop: nobody is taken to sit here"];
	const idle =
		user.idleMs === null
			? "it can't be told when they last did something, so they count as present"
			: `last key or click ${durationInWords(user.idleMs)} ago`;
	const screen =
		user.foreground === null
			? "what fills the screen can't be told"
			: `screen: ${user.foreground.name ?? user.foreground.kind}`;
	return [idle, user.isLocked === true ? "screen locked" : screen];
}

function amount(bytes: number | null): string {
	return bytes === null ? "unknown" : formatBytes(bytes);
}

function percent(fraction: number | null): string {
	return fraction === null ? "unknown" : `${Math.round(fraction * 100)} %`;
}
