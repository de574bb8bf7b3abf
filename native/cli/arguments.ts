/** What commands take as arguments, read from text. Each reader throws Commander's error for what it can't take. */
import { InvalidArgumentError } from "commander";
import { parseDuration } from "../base/base.ts";
import type { GlobalOptions } from "./global-options.ts";

/** Reads a whole number within bounds. */
export function count(least: number, most: number): (text: string) => number {
	return (text) => {
		const value = Number(text);
		if (Number.isInteger(value) && value >= least && value <= most) return value;
		throw new InvalidArgumentError(`It takes a whole number from ${least} to ${most}.`);
	};
}

/** Lines of `--rehearse [n]`, which takes what follows it for its number, also where that is the file. */
export function linesAfterFile(text: string): number {
	if (/^\d+$/.test(text)) return count(1, 100)(text);
	throw new InvalidArgumentError("It takes a whole number from 1 to 100. Put the file before it: run FILE --rehearse.");
}

/** Checks a duration, which goes to the service as it is. */
export function duration(text: string): string {
	if (parseDuration(text) !== null) return text;
	throw new InvalidArgumentError("It takes a whole number and s, m, h or d, as 90m, 24h or 3d; at most 365d.");
}

/** Reads a level of the log. */
export function logLevel(text: string): GlobalOptions["logLevel"] {
	switch (text) {
		case "debug":
		case "info":
		case "warn":
		case "error":
			return text;
		default:
			throw new InvalidArgumentError("It takes debug, info, warn or error.");
	}
}

/** NIGHTSHIFT_LOG sets the level where the command line can't be changed. */
export function logLevelDefault(): GlobalOptions["logLevel"] {
	return logLevel(process.env.NIGHTSHIFT_LOG ?? "info");
}

/** Reads a whole number from 1. */
export function wholeNumber(text: string): number {
	const value = Number(text);
	if (Number.isSafeInteger(value) && value >= 1) return value;
	throw new InvalidArgumentError("It takes a whole number from 1.");
}

/** Reads names with commas between them. */
export function names(text: string): readonly string[] {
	const read = text.split(",").map((name) => name.trim());
	if (read.every((name) => name !== "")) return read;
	throw new InvalidArgumentError("It takes names with commas between them, e.g. desk,attic.");
}

/** Reads any number. */
export function decimal(text: string): number {
	const value = Number(text);
	if (text.trim() !== "" && Number.isFinite(value)) return value;
	throw new InvalidArgumentError("It takes a number.");
}

/** Reads a percentage from 1, or `never`, which stays a word: Commander takes null for nothing given. */
export function percentOrNever(text: string): number | "never" {
	if (text === "never") return text;
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1 && value <= 100) return value;
	throw new InvalidArgumentError("It takes a percentage from 1 to 100, or never.");
}

/** Unix seconds of `HH:MM` (the next time it is that late), of an ISO date and time, or of `+DURATION`. */
export function moment(text: string, nowMs: number): number {
	const ms = momentMs(text, nowMs);
	if (ms !== null) return Math.ceil(ms / 1_000);
	throw new InvalidArgumentError("It takes a time as HH:MM, as 2026-11-21T22:00, or from now as +90m, +2h or +1d.");
}

function momentMs(text: string, nowMs: number): number | null {
	if (text.startsWith("+")) {
		const durationMs = parseDuration(text.slice(1));
		return durationMs === null ? null : nowMs + durationMs;
	}
	const clock = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text);
	if (clock) {
		const at = new Date(nowMs);
		at.setHours(Number(clock[1]), Number(clock[2]), 0, 0);
		if (at.getTime() <= nowMs) at.setDate(at.getDate() + 1);
		return at.getTime();
	}
	const [, day, rest = ""] = /^(\d{4}-\d{2}-\d{2})(.*)$/.exec(text) ?? [];
	if (day === undefined) return null;
	// A day alone would be taken for midnight in London.
	const parsed = Date.parse(rest === "" ? `${day}T00:00` : text);
	return Number.isNaN(parsed) ? null : parsed;
}
