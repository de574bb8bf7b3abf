/** Grammar of texts: lengths, formats, patterns. Pure. */

import { SchemaError, type SchemaObject, type Translation } from "./parts.ts";
import { patternRule } from "./patterns.ts";
import { countOf, times } from "./shapes.ts";

const DATE = `[0-9]{4} "-" ( "0" [1-9] | "1" [0-2] ) "-" ( "0" [1-9] | "1" [0-9] | "2" [0-8] )`;
const TIME = `( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] ":" [0-5] [0-9] ( "." [0-9]{1,9} )? ( "Z" | [-+] ( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] )`;
const OCTET = `( "25" [0-5] | "2" [0-4] [0-9] | "1" [0-9] [0-9] | [1-9] [0-9] | [0-9] )`;

/** Formats that can be written letter by letter. Days stop at 28: that is a date in every month. */
const FORMATS: { readonly [format: string]: string } = {
	date: DATE,
	time: TIME,
	"date-time": `${DATE} "T" ${TIME}`,
	uuid: `[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}`,
	ipv4: `${OCTET} "." ${OCTET} "." ${OCTET} "." ${OCTET}`,
	email: `[a-zA-Z0-9_+-]{1,32} ( "." [a-zA-Z0-9_+-]{1,32} ){0,3} "@" [a-zA-Z0-9] [a-zA-Z0-9-]{0,30} ( "." [a-zA-Z] [a-zA-Z0-9]{1,20} ){1,3}`,
};

/** Texts as the schema wants them. */
export function stringRule(translation: Translation, schema: SchemaObject, path: string): string {
	const { rules } = translation;
	const least = countOf(schema, "minLength", path);
	const most = countOf(schema, "maxLength", path);
	const special = schema.pattern !== undefined ? "pattern" : schema.format !== undefined ? "format" : null;
	if (special === null) {
		if (least === null && most === null) return rules.use("string");
		if (most !== null && most < (least ?? 0)) throw new SchemaError(path, "maxLength", "it is less than minLength");
		return rules.add("string", `"\\"" ${rules.use("char")}${times(least ?? 0, most)} "\\""`);
	}
	if (least !== null || most !== null || (schema.pattern !== undefined && schema.format !== undefined)) {
		throw new SchemaError(path, special, "it can't be combined with lengths or with another form; keep one of them");
	}
	if (special === "pattern")
		return rules.add("pattern", `"\\"" ${patternRule(translation, schema.pattern, path)} "\\""`);
	const body = typeof schema.format === "string" ? FORMATS[schema.format] : undefined;
	if (body === undefined) {
		const known = Object.keys(FORMATS).join(", ");
		throw new SchemaError(path, "format", `this format can't be enforced; known are ${known}`);
	}
	return rules.add("format", `"\\"" ${body} "\\""`);
}
