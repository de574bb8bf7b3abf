/**
 * JSON Schema to GBNF, llama.cpp's grammar notation. Owns what can be expressed; whatever can't is refused with its keyword
 * and place, because an answer that only seems to follow a schema is worse than none. Narrower than the schema is fine,
 * wider never. Pure.
 */
import { assertNever, err, ok, type Result } from "../../../base/base.ts";
import type { JsonSchema } from "../../request.ts";
import {
	isSchemaObject,
	SchemaError,
	type SchemaObject,
	type SchemaProblem,
	type SchemaType,
	type Translation,
} from "./parts.ts";
import { integerRange, numberRange } from "./ranges.ts";
import { literal, type RuleBook } from "./rules.ts";
import { arrayRule, objectRule } from "./shapes.ts";
import { stringRule } from "./strings.ts";
import { areDisjoint, checkKeywords, follow, mergeAll, resolvePointer, typesOf } from "./structure.ts";

/** Deeper nesting than any hand-written schema; recursion through $ref does not count. */
const DEPTH_LIMIT = 48;

/** Adds a schema's rules to a book; gives the expression that matches its values. */
export function addSchema(rules: RuleBook, schema: JsonSchema): Result<string, SchemaProblem> {
	const translation: Translation = {
		rules,
		root: schema,
		referred: new Map(),
		visit: (inner, path, depth) => visit(translation, inner, path, depth),
	};
	try {
		return ok(translation.visit(schema, "#", 0));
	} catch (error) {
		if (error instanceof SchemaError) return err(error.problem);
		throw error;
	}
}

function visit(translation: Translation, schema: unknown, path: string, depth: number): string {
	if (depth > DEPTH_LIMIT) throw new SchemaError(path, null, `it is nested deeper than ${DEPTH_LIMIT} levels`);
	if (schema === true) return translation.rules.use("value");
	if (schema === false) throw new SchemaError(path, null, "`false` allows no value at all");
	if (!isSchemaObject(schema)) throw new SchemaError(path, null, "a schema is an object or a boolean");
	checkKeywords(schema, path);
	const expression = visitObject(translation, schema, path, depth);
	return schema.nullable === true ? `(${expression} | "null")` : expression;
}

function visitObject(translation: Translation, schema: SchemaObject, path: string, depth: number): string {
	if (schema.$ref !== undefined) return visitReference(translation, schema, path, depth);
	if (schema.allOf !== undefined) {
		return translation.visit(mergeAll(translation.root, schema, path), path, depth + 1);
	}
	if (schema.anyOf !== undefined) return visitAlternatives(translation, schema, "anyOf", path, depth);
	if (schema.oneOf !== undefined) return visitAlternatives(translation, schema, "oneOf", path, depth);
	if ("const" in schema) return literal(schema.const);
	if (schema.enum !== undefined) return visitEnum(schema, path);
	const types = typesOf(schema, path);
	if (types === null) return translation.rules.use("value");
	const alternatives = types.map((type) => visitType(translation, schema, type, path, depth));
	return alternatives.length === 1 ? (alternatives[0] ?? "") : `(${alternatives.join(" | ")})`;
}

function visitType(
	translation: Translation,
	schema: SchemaObject,
	type: SchemaType,
	path: string,
	depth: number,
): string {
	switch (type) {
		case "object":
			return objectRule(translation, schema, path, depth);
		case "array":
			return arrayRule(translation, schema, path, depth);
		case "string":
			return stringRule(translation, schema, path);
		case "integer":
			return integerRange(translation.rules, schema, path);
		case "number":
			return numberRange(translation.rules, schema, path);
		case "boolean":
			return `("true" | "false")`;
		case "null":
			return `"null"`;
		default:
			return assertNever(type);
	}
}

function visitReference(translation: Translation, schema: SchemaObject, path: string, depth: number): string {
	const { $ref: pointer } = schema;
	if (typeof pointer !== "string") throw new SchemaError(path, "$ref", "it must be a text");
	const known = translation.referred.get(pointer);
	if (known !== undefined) return known;
	const name = translation.rules.reserve("ref");
	translation.referred.set(pointer, name);
	const target = resolvePointer(translation.root, pointer, path);
	if (follow(translation.root, target) === null) {
		throw new SchemaError(path, "$ref", "it leads back to itself without a value in between");
	}
	translation.rules.define(name, translation.visit(target, pointer, depth + 1));
	return name;
}

function visitAlternatives(
	translation: Translation,
	schema: SchemaObject,
	keyword: "anyOf" | "oneOf",
	path: string,
	depth: number,
): string {
	const branches = schema[keyword];
	if (!Array.isArray(branches) || branches.length === 0)
		throw new SchemaError(path, keyword, "it must be a list of schemas");
	if (keyword === "oneOf" && !areDisjoint(translation.root, branches)) {
		const message = "its alternatives may match the same value; use anyOf, or give each a different type or const";
		throw new SchemaError(path, keyword, message);
	}
	const list = branches.map((branch, index) => translation.visit(branch, `${path}/${keyword}/${index}`, depth + 1));
	return `(${list.join(" | ")})`;
}

function visitEnum(schema: SchemaObject, path: string): string {
	const { enum: values } = schema;
	if (!Array.isArray(values) || values.length === 0) throw new SchemaError(path, "enum", "it must be a list of values");
	const types = typesOf({ type: schema.type }, path);
	const allowed = types === null ? values : values.filter((value) => types.some((type) => isOfType(value, type)));
	if (allowed.length === 0) throw new SchemaError(path, "enum", "none of its values has the given type");
	return `(${allowed.map(literal).join(" | ")})`;
}

function isOfType(value: unknown, type: SchemaType): boolean {
	if (type === "null") return value === null;
	if (type === "array") return Array.isArray(value);
	if (type === "object") return isSchemaObject(value);
	if (type === "integer") return Number.isInteger(value);
	return typeof value === type;
}
