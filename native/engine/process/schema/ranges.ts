/** Grammar of numbers between bounds. Pure. */

import { SchemaError, type SchemaObject } from "./parts.ts";
import type { RuleBook } from "./rules.ts";

interface Bounds {
	readonly least: number | null;
	readonly most: number | null;
}

/** Integers within the schema's bounds. */
export function integerRange(rules: RuleBook, schema: SchemaObject, path: string): string {
	if (schema.multipleOf !== undefined && schema.multipleOf !== 1) {
		throw new SchemaError(path, "multipleOf", "divisibility can't be enforced; leave it out");
	}
	const least = tighter(bound(schema, "minimum", path), above(bound(schema, "exclusiveMinimum", path)), Math.max);
	const most = tighter(bound(schema, "maximum", path), below(bound(schema, "exclusiveMaximum", path)), Math.min);
	const bounds = { least: least === null ? null : Math.ceil(least), most: most === null ? null : Math.floor(most) };
	if (bounds.least === null && bounds.most === null) return rules.use("integer");
	checkOrder(bounds, path);
	return rules.add("integer", between(bounds, ""));
}

/** Numbers within the schema's bounds, which must be whole: that is what can be told digit by digit. */
export function numberRange(rules: RuleBook, schema: SchemaObject, path: string): string {
	for (const keyword of ["exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) {
		if (schema[keyword] !== undefined) {
			throw new SchemaError(path, keyword, "it can't be enforced for numbers; use integer, or minimum and maximum");
		}
	}
	const bounds = { least: bound(schema, "minimum", path), most: bound(schema, "maximum", path) };
	if (bounds.least === null && bounds.most === null) return rules.use("number");
	for (const [keyword, value] of [
		["minimum", bounds.least],
		["maximum", bounds.most],
	] as const) {
		if (value !== null && !Number.isInteger(value)) {
			throw new SchemaError(path, keyword, "only whole numbers can be enforced as bounds");
		}
	}
	checkOrder(bounds, path);
	return rules.add("number", between(bounds, `( "." [0-9]{1,16} )?`));
}

/** Beyond fifteen digits a number's text is no longer surely the number meant. */
const LARGEST_BOUND = 10 ** 15 - 1;

function bound(schema: SchemaObject, keyword: string, path: string): number | null {
	const value = schema[keyword];
	if (value === undefined) return null;
	if (typeof value !== "number" || Math.abs(value) > LARGEST_BOUND) {
		throw new SchemaError(path, keyword, `it must be a number between -${LARGEST_BOUND} and ${LARGEST_BOUND}`);
	}
	return value;
}

function tighter(a: number | null, b: number | null, pick: (a: number, b: number) => number): number | null {
	if (a === null) return b;
	return b === null ? a : pick(a, b);
}

function above(value: number | null): number | null {
	return value === null ? null : Math.floor(value) + 1;
}

function below(value: number | null): number | null {
	return value === null ? null : Math.ceil(value) - 1;
}

function checkOrder({ least, most }: Bounds, path: string): void {
	if (least !== null && most !== null && least > most) {
		throw new SchemaError(path, "maximum", "no number lies between the bounds");
	}
}

/** Numbers from `least` to `most`. `fraction` may follow the digits where that can't pass a bound. */
function between({ least, most }: Bounds, fraction: string): string {
	const parts: string[] = [];
	const zeros = fraction === "" ? "" : `( "." "0"{1,16} )?`;
	if (most === null || most >= 0) {
		const from = Math.max(0, least ?? 0);
		parts.push(...magnitudes(from, most, fraction, zeros));
	}
	if (least === null || least < 0) {
		const from = most === null || most >= 0 ? (fraction === "" ? 1 : 0) : -most;
		parts.push(...magnitudes(from, least === null ? null : -least, fraction, zeros).map((part) => `"-" ${part}`));
	}
	return `( ${parts.join(" | ")} )`;
}

/** From `from` to `to` without a sign: whole parts below `to` take any fraction, `to` itself only zeros. */
function magnitudes(from: number, to: number | null, fraction: string, zeros: string): readonly string[] {
	if (to === null) return [`( ${digitsFrom(from)} ) ${fraction}`];
	if (fraction === "") return [`( ${digitsBetween(from, to)} )`];
	const whole = to - 1 >= from ? [`( ${digitsBetween(from, to - 1)} ) ${fraction}`] : [];
	return [...whole, `"${to}" ${zeros}`];
}

/** Longest whole part written without an upper bound. */
const LONGEST_DIGITS = 16;

function digitsFrom(from: number): string {
	const length = String(from).length;
	const same = digitsBetween(from, 10 ** length - 1);
	if (length >= LONGEST_DIGITS) return same;
	return `${same} | [1-9] [0-9]{${length},${LONGEST_DIGITS - 1}}`;
}

function digitsBetween(from: number, to: number): string {
	const parts: string[] = [];
	for (let length = String(from).length; length <= String(to).length; length++) {
		const low = Math.max(from, length === 1 ? 0 : 10 ** (length - 1));
		const high = Math.min(to, 10 ** length - 1);
		parts.push(sameLength(String(low), String(high)));
	}
	return parts.join(" | ");
}

/** Digits from `low` to `high`, which have the same length. */
function sameLength(low: string, high: string): string {
	if (low === high) return `"${low}"`;
	const first = Number(low[0]);
	const last = Number(high[0]);
	const rest = low.length - 1;
	if (rest === 0) return `[${first}-${last}]`;
	const restLow = low.slice(1);
	const restHigh = high.slice(1);
	if (first === last) return `"${first}" ( ${sameLength(restLow, restHigh)} )`;
	const parts: string[] = [];
	const fromMiddle = restLow === "0".repeat(rest) ? first : first + 1;
	const toMiddle = restHigh === "9".repeat(rest) ? last : last - 1;
	if (fromMiddle > first) parts.push(`"${first}" ( ${sameLength(restLow, "9".repeat(rest))} )`);
	if (fromMiddle <= toMiddle) parts.push(`[${fromMiddle}-${toMiddle}] [0-9]{${rest}}`);
	if (toMiddle < last) parts.push(`"${last}" ( ${sameLength("0".repeat(rest), restHigh)} )`);
	return parts.join(" | ");
}
