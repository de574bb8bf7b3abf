/** Battery and heat. */
import type { CauseKind, MachineSnapshot } from "../../contract/contract.ts";
import type { Facts, Finding } from "./rules.ts";

/** A battery must be so far above the least before its being low counts as over. */
const HELD_BATTERY = 0.05;
/** What was too hot must be so far below the limit before that counts as over. */
const HELD_CELSIUS = 7;

/** Whether the computer runs on a battery it should not run on, or is too hot. */
export function findHardware(facts: Facts): readonly Finding[] {
	return [...findBattery(facts), ...findHeat(facts)];
}

function findBattery({ snapshot: { power }, settings: { limits }, held }: Facts): readonly Finding[] {
	if (power.supply !== "battery") return [];
	if (!limits.onBattery) return [leave("battery", "the computer runs on battery", "the computer ran on battery")];
	if (power.batteryFraction === null) return [];
	const least = limits.leastBatteryPercent / 100;
	const isLow = power.batteryFraction < (held.has("battery") ? Math.min(least + HELD_BATTERY, 1) : least);
	if (!isLow) return [];
	const level = `at ${Math.round(power.batteryFraction * 100)} %`;
	return [leave("battery", `the battery is ${level}, which is too little`, `the battery was ${level}`)];
}

function findHeat({ snapshot, settings: { limits }, held }: Facts): readonly Finding[] {
	const isHeld = held.has("hot");
	if (limits.temperatureCelsius !== null) {
		const [hottest] = thermometers(snapshot).sort((one, other) => other.celsius - one.celsius);
		const limit = limits.temperatureCelsius - (isHeld ? HELD_CELSIUS : 0);
		if (hottest !== undefined && hottest.celsius > limit) {
			const temperature = `at ${Math.round(hottest.celsius)} °C`;
			return [leave("hot", `${hottest.name} is ${temperature}`, `${hottest.name} was ${temperature}`)];
		}
	}
	const { heat } = snapshot;
	if (heat === "serious" || heat === "critical")
		return [leave("hot", "the computer is too hot", "the computer was too hot")];
	if (isHeld && heat === "fair") return [leave("hot", "the computer cools down", "the computer was too hot")];
	return [];
}

function thermometers({ gpus, cpu }: MachineSnapshot): { readonly name: string; readonly celsius: number }[] {
	return [
		...gpus.map(({ name, temperatureCelsius }) => ({ name, celsius: temperatureCelsius })),
		{ name: "the processor", celsius: cpu.temperatureCelsius },
	].flatMap(({ name, celsius }) => (celsius === null ? [] : [{ name, celsius }]));
}

function leave(kind: CauseKind, words: string, pastWords: string): Finding {
	return { kind, rung: "leave", words, pastWords, untilMs: null, sustainMs: 0 };
}
