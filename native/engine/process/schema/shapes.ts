/** Grammar of objects and arrays. Pure. */

import { isSchemaObject, SchemaError, type SchemaObject, type Translation } from "./parts.ts";
import { literal, quoted } from "./rules.ts";

/** llama.cpp refuses larger repetition counts (MAX_REPETITION_THRESHOLD in llama-grammar.cpp). */
export const REPETITION_LIMIT = 2_000;

interface Property {
	readonly name: string;
	readonly expression: string;
	readonly required: boolean;
}

/** Objects: declared properties in their order, optional ones present or absent, others where the schema says so. */
export function objectRule(translation: Translation, schema: SchemaObject, path: string, depth: number): string {
	const { rules } = translation;
	const ws = rules.use("ws");
	refuseCounts(schema, path);
	const declared = schema.properties === undefined ? {} : schema.properties;
	if (!isSchemaObject(declared)) throw new SchemaError(path, "properties", "it must be an object of schemas");
	const required = requiredNames(schema, path);
	const extra = schema.additionalProperties;
	const undeclared = required.filter((name) => !Object.hasOwn(declared, name));
	if (undeclared.length > 0 && extra === false) {
		throw new SchemaError(path, "required", `${undeclared[0]} is required but not among the properties`);
	}
	const shapes: readonly (readonly [string, unknown])[] = [
		...Object.entries(declared),
		...undeclared.map((name): readonly [string, unknown] => [name, extra ?? true]),
	];
	const properties = shapes.map(([name, inner]): Property => {
		const value = translation.visit(inner, `${path}/properties/${escapePointer(name)}`, depth + 1);
		return { name, required: required.includes(name), expression: `${literal(name)} ":" ${ws} ${value} ${ws}` };
	});
	const isOpen = extra === true || isSchemaObject(extra) || (properties.length === 0 && extra === undefined);
	const others = isOpen ? otherProperties(translation, properties, extra ?? true, path, depth) : null;
	return rules.add("object", `"{" ${ws} ${chain(translation, properties, others)} "}"`);
}

function refuseCounts(schema: SchemaObject, path: string): void {
	for (const keyword of ["minProperties", "maxProperties"]) {
		if (schema[keyword] === undefined || (keyword === "minProperties" && schema[keyword] === 0)) continue;
		throw new SchemaError(path, keyword, "the number of properties can't be enforced; use required instead");
	}
}

function requiredNames(schema: SchemaObject, path: string): readonly string[] {
	const { required = [] } = schema;
	if (!Array.isArray(required) || !required.every((name) => typeof name === "string")) {
		throw new SchemaError(path, "required", "it must be a list of property names");
	}
	return [...new Set(required)];
}

/**
 * Two rules a place in the list: one for when nothing stands before it and one for after a comma. Linear in the number of
 * properties, where listing the combinations of optional ones would be exponential.
 */
function chain(translation: Translation, properties: readonly Property[], others: string | null): string {
	const { rules } = translation;
	const ws = rules.use("ws");
	let first = others === null ? `""` : rules.add("others", `( ${others} ( "," ${ws} ${others} )* )?`);
	let later = others === null ? `""` : rules.add("others", `( "," ${ws} ${others} )*`);
	for (const { expression, required } of [...properties].reverse()) {
		const kept = rules.add("property", expression);
		const nextFirst = required ? `${kept} ${later}` : `( ${kept} ${later} | ${first} )`;
		const nextLater = required ? `"," ${ws} ${kept} ${later}` : `( "," ${ws} ${kept} ${later} | ${later} )`;
		first = rules.add("first", nextFirst);
		later = rules.add("later", nextLater);
	}
	return first;
}

function otherProperties(
	translation: Translation,
	properties: readonly Property[],
	extra: unknown,
	path: string,
	depth: number,
): string {
	const { rules } = translation;
	const value = translation.visit(extra, `${path}/additionalProperties`, depth + 1);
	const names = properties.map((property) => property.name);
	const key = names.length === 0 ? rules.use("string") : otherKey(translation, names);
	return rules.add("other", `${key} ":" ${rules.use("ws")} ${value} ${rules.use("ws")}`);
}

interface Node {
	readonly next: Map<string, Node>;
	ends: boolean;
}

/**
 * Keys that are none of `names`, along the tree of their letters. Keys with escapes are left out altogether: an escaped
 * spelling of a declared name would be that name again.
 */
function otherKey(translation: Translation, names: readonly string[]): string {
	const root: Node = { next: new Map(), ends: false };
	for (const name of names) {
		let node = root;
		for (const character of name) {
			const child: Node = node.next.get(character) ?? { next: new Map(), ends: false };
			node.next.set(character, child);
			node = child;
		}
		node.ends = true;
	}
	const plain = `[^"\\\\\\x7F\\x00-\\x1F]`;
	const print = (node: Node): string => {
		const letters = [...node.next.keys()];
		const branches = [...node.next].map(([character, child]) => `${quoted(character)} ${print(child)}`);
		const differs = `[^"\\\\\\x7F\\x00-\\x1F${letters.map(inClass).join("")}] ${plain}*`;
		const stops = node.ends ? [] : [`""`];
		return `( ${[...branches, differs, ...stops].join(" | ")} )`;
	};
	return translation.rules.add("key", `"\\"" ${print(root)} "\\""`);
}

function inClass(character: string): string {
	return /[\]\\^-]/.test(character) ? `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}` : character;
}

function escapePointer(name: string): string {
	return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** Arrays: a fixed beginning, then items of one kind, in a number between two bounds. */
export function arrayRule(translation: Translation, schema: SchemaObject, path: string, depth: number): string {
	const { rules } = translation;
	const ws = rules.use("ws");
	const least = countOf(schema, "minItems", path) ?? 0;
	const most = countOf(schema, "maxItems", path);
	if (schema.uniqueItems === true && (most === null || most > 1)) {
		throw new SchemaError(path, "uniqueItems", "that items differ can't be enforced; leave it out");
	}
	const fixed = schema.prefixItems ?? [];
	if (!Array.isArray(fixed)) throw new SchemaError(path, "prefixItems", "it must be a list of schemas");
	const heads = fixed.map(
		(inner, index) => `${translation.visit(inner, `${path}/prefixItems/${index}`, depth + 1)} ${ws}`,
	);
	if (most !== null && most < least) throw new SchemaError(path, "maxItems", "it is less than minItems");
	if (heads.length > 0 && most !== null && most < heads.length) {
		throw new SchemaError(path, "maxItems", "it is less than the number of prefixItems");
	}
	const rest = schema.items ?? heads.length === 0;
	const open = rest !== false && (most === null || most > heads.length);
	if (!open && least > heads.length)
		throw new SchemaError(path, "minItems", "no more items are allowed than prefixItems");
	const item = open ? rules.add("item", `${translation.visit(rest, `${path}/items`, depth + 1)} ${ws}`) : null;
	if (heads.length === 0) {
		return rules.add("array", `"[" ${ws} ${item === null ? "" : list(item, ws, least, most)} "]"`);
	}
	const tail =
		item === null
			? ""
			: `( "," ${ws} ${item} )${times(Math.max(0, least - heads.length), most === null ? null : most - heads.length)}`;
	return rules.add("array", `"[" ${ws} ${heads.join(` "," ${ws} `)} ${tail} "]"`);
}

function list(item: string, ws: string, least: number, most: number | null): string {
	const more = `${item} ( "," ${ws} ${item} )${times(Math.max(0, least - 1), most === null ? null : most - 1)}`;
	return least === 0 ? `( ${more} )?` : more;
}

/** GBNF's repetition of what stands before it. */
export function times(least: number, most: number | null): string {
	if (most === null) return least === 0 ? "*" : `{${least},}`;
	return `{${least},${most}}`;
}

/** A keyword that is a count, or null where it is absent. */
export function countOf(schema: SchemaObject, keyword: string, path: string): number | null {
	const value = schema[keyword];
	if (value === undefined) return null;
	if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
		throw new SchemaError(path, keyword, "it must be a whole number, 0 or more");
	}
	if (value > REPETITION_LIMIT)
		throw new SchemaError(path, keyword, `counts above ${REPETITION_LIMIT} can't be enforced`);
	return value;
}
