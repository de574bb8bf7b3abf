/** How a schema hangs together: keywords, types, references, merging, and whether two schemas can match one value. Pure. */
import { isSchemaObject, SchemaError, type SchemaObject, type SchemaType } from "./parts.ts";

const TYPES: readonly SchemaType[] = ["object", "array", "string", "number", "integer", "boolean", "null"];

/** Keywords that say something about a value without constraining it (JSON Schema 2020-12, 8 and 9). */
const ANNOTATIONS: readonly string[] = [
	"title",
	"description",
	"default",
	"examples",
	"example",
	"deprecated",
	"readOnly",
	"writeOnly",
	"$schema",
	"$id",
	"$comment",
	"$defs",
	"definitions",
	"contentMediaType",
	"contentEncoding",
];

/** Keywords that are understood, with the types they constrain; null where they stand for themselves. */
const KEYWORDS: { readonly [keyword: string]: SchemaType | null } = {
	type: null,
	const: null,
	enum: null,
	anyOf: null,
	oneOf: null,
	allOf: null,
	$ref: null,
	nullable: null,
	properties: "object",
	required: "object",
	additionalProperties: "object",
	minProperties: "object",
	maxProperties: "object",
	items: "array",
	prefixItems: "array",
	minItems: "array",
	maxItems: "array",
	uniqueItems: "array",
	minLength: "string",
	maxLength: "string",
	pattern: "string",
	format: "string",
	minimum: "number",
	maximum: "number",
	exclusiveMinimum: "number",
	exclusiveMaximum: "number",
	multipleOf: "number",
};

/** Keywords that take the whole place: beside them only annotations can stand. */
const EXCLUSIVE: readonly string[] = ["$ref", "anyOf", "oneOf", "const", "enum"];

/** Refuses keywords that are unknown, or that can't stand together here. */
export function checkKeywords(schema: SchemaObject, path: string): void {
	const constraining = Object.keys(schema).filter((key) => !ANNOTATIONS.includes(key) && !key.startsWith("x-"));
	for (const keyword of constraining) {
		if (!(keyword in KEYWORDS)) {
			throw new SchemaError(path, keyword, "this keyword can't be enforced while an answer is written; leave it out");
		}
	}
	const whole = constraining.find((keyword) => EXCLUSIVE.includes(keyword));
	if (whole === undefined || schema.allOf !== undefined) return;
	// A type beside an enum or const is common and harmless: the values are checked against it.
	const beside = constraining.find(
		(keyword) =>
			keyword !== whole && keyword !== "nullable" && !(keyword === "type" && (whole === "enum" || whole === "const")),
	);
	if (beside !== undefined) {
		throw new SchemaError(path, beside, `it can't be combined with ${whole} in the same place; put it inside`);
	}
}

/** Types a schema allows, told or shown by its keywords; null when it allows any. */
export function typesOf(schema: SchemaObject, path: string): readonly SchemaType[] | null {
	const { type } = schema;
	if (type === undefined) {
		const shown = Object.keys(schema).map((keyword) => KEYWORDS[keyword] ?? null);
		const first = shown.find((candidate) => candidate !== null);
		return first === undefined || first === null ? null : [first];
	}
	const list: readonly unknown[] = Array.isArray(type) ? type : [type];
	const known = list.map((name) => TYPES.find((candidate) => candidate === name));
	const types = known.filter((candidate) => candidate !== undefined);
	if (types.length !== list.length || types.length === 0) {
		throw new SchemaError(path, "type", `it must be one or more of ${TYPES.join(", ")}`);
	}
	return types;
}

/** The part of `root` a local reference means. */
export function resolvePointer(root: unknown, pointer: string, path: string): unknown {
	if (pointer !== "#" && !pointer.startsWith("#/")) {
		throw new SchemaError(path, "$ref", "only references within the schema (#/...) can be followed");
	}
	let target: unknown = root;
	for (const raw of pointer.split("/").slice(1)) {
		const key = decodeURIComponent(raw).replaceAll("~1", "/").replaceAll("~0", "~");
		if (Array.isArray(target)) target = target[Number(key)];
		else target = isSchemaObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
		if (target === undefined) throw new SchemaError(path, "$ref", `${pointer} is not in the schema`);
	}
	return target;
}

/** Longest chain of references that is followed before it is taken for a circle. */
const REFERENCE_HOPS = 32;

/** The schema at the end of a chain of references; null when the chain is a circle. */
export function follow(root: unknown, schema: unknown): SchemaObject | null {
	let current = schema;
	for (let hops = 0; hops < REFERENCE_HOPS; hops++) {
		if (!isSchemaObject(current)) return {};
		if (typeof current.$ref !== "string") return current;
		current = resolvePointer(root, current.$ref, "#");
	}
	return null;
}

/** One schema for all parts of an allOf and what stands beside it; only objects can be merged. */
export function mergeAll(root: unknown, schema: SchemaObject, path: string): SchemaObject {
	const { allOf, ...beside } = schema;
	if (!Array.isArray(allOf) || allOf.length === 0) throw new SchemaError(path, "allOf", "it must be a list of schemas");
	const hasBeside = Object.keys(beside).some((keyword) => keyword in KEYWORDS);
	if (allOf.length === 1 && !hasBeside && isSchemaObject(allOf[0])) return allOf[0];
	const properties: Record<string, unknown> = {};
	const required = new Set<unknown>();
	let closed = false;
	for (const part of [...allOf, beside]) {
		const object = follow(root, part);
		const foreign = object === null ? "allOf" : Object.keys(object).find((key) => !canMerge(key));
		if (object === null || foreign !== undefined || (object.type !== undefined && object.type !== "object")) {
			throw new SchemaError(path, "allOf", "only objects with properties can be joined; write one schema instead");
		}
		for (const [name, value] of Object.entries(isSchemaObject(object.properties) ? object.properties : {})) {
			if (Object.hasOwn(properties, name) && JSON.stringify(properties[name]) !== JSON.stringify(value)) {
				throw new SchemaError(path, "allOf", `the property ${name} is described twice; write one schema instead`);
			}
			properties[name] = value;
		}
		for (const name of Array.isArray(object.required) ? object.required : []) required.add(name);
		if (object.additionalProperties === false) closed = true;
	}
	return { type: "object", properties, required: [...required], ...(closed ? { additionalProperties: false } : {}) };
}

function canMerge(keyword: string): boolean {
	return (
		["type", "properties", "required"].includes(keyword) ||
		ANNOTATIONS.includes(keyword) ||
		keyword === "additionalProperties" ||
		keyword.startsWith("x-")
	);
}

/** Whether no value can match two of these schemas, as far as types, constants and distinguishing properties show. */
export function areDisjoint(root: unknown, branches: readonly unknown[]): boolean {
	return branches.every((a, index) => branches.slice(index + 1).every((b) => cannotBoth(root, a, b, 0)));
}

function cannotBoth(root: unknown, first: unknown, second: unknown, depth: number): boolean {
	const a = follow(root, first);
	const b = follow(root, second);
	if (a === null || b === null || depth > 4) return false;
	const valuesA = valuesOf(a);
	const valuesB = valuesOf(b);
	if (valuesA !== null && valuesB !== null) return !valuesA.some((value) => valuesB.includes(value));
	const typesA = typesOf(a, "#");
	const typesB = typesOf(b, "#");
	if (typesA !== null && typesB !== null && !typesA.some((type) => typesB.some((other) => overlap(type, other)))) {
		return true;
	}
	const propertiesA = isSchemaObject(a.properties) ? a.properties : {};
	const propertiesB = isSchemaObject(b.properties) ? b.properties : {};
	return Object.keys(propertiesA).some(
		(name) =>
			isRequired(a, name) && isRequired(b, name) && cannotBoth(root, propertiesA[name], propertiesB[name], depth + 1),
	);
}

function overlap(a: SchemaType, b: SchemaType): boolean {
	return a === b || (a === "integer" && b === "number") || (a === "number" && b === "integer");
}

function valuesOf(schema: SchemaObject): readonly string[] | null {
	if ("const" in schema) return [JSON.stringify(schema.const)];
	return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : null;
}

function isRequired(schema: SchemaObject, name: string): boolean {
	return Array.isArray(schema.required) && schema.required.includes(name);
}
