/** A growing book of GBNF rules. Owns names and the rules every JSON grammar shares. Pure. */

/** Rules by name. */
export interface RuleBook {
	/** Name of one of the shared rules, brought in with what it needs. */
	use(name: SharedRule): string;
	/** Adds a rule; gives its name. */
	add(hint: string, expression: string): string;
	/** A name for a rule that follows. */
	reserve(hint: string): string;
	define(name: string, expression: string): void;
	/** The whole grammar, starting at `root`. */
	print(root: string): string;
}

/** Rules most grammars need; JSON as in RFC 8259, with bounded white space and numbers so that no answer can go on for ever. */
const SHARED = {
	ws: `| " " | "\\n" [ \\t]{0,20}`,
	value: `object | array | string | number | boolean | null`,
	object: `"{" ws ( string ":" ws value ws ( "," ws string ":" ws value ws )* )? "}"`,
	array: `"[" ws ( value ws ( "," ws value ws )* )? "]"`,
	string: `"\\"" char* "\\""`,
	char: `[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" ( ["\\\\bfnrt/] | "u" ( [0-9A-CEFa-cef] hex hex hex | [dD] [0-7] hex hex ) )`,
	hex: `[0-9a-fA-F]`,
	number: `integer ( "." [0-9]{1,16} )? ( [eE] [-+]? [0-9]{1,2} )?`,
	integer: `"-"? ( "0" | [1-9] [0-9]{0,15} )`,
	boolean: `"true" | "false"`,
	null: `"null"`,
} as const;

/** Name of a shared rule. */
export type SharedRule = keyof typeof SHARED;

const NEEDS: { readonly [name in SharedRule]: readonly SharedRule[] } = {
	ws: [],
	value: ["object", "array", "string", "number", "boolean", "null"],
	object: ["ws", "string", "value"],
	array: ["ws", "value"],
	string: ["char"],
	char: ["hex"],
	hex: [],
	number: ["integer"],
	integer: [],
	boolean: [],
	null: [],
};

/** An empty book. */
export function createRuleBook(): RuleBook {
	const rules = new Map<string, string>();
	let next = 0;
	const use = (name: SharedRule): string => {
		if (!rules.has(name)) {
			rules.set(name, SHARED[name]);
			for (const needed of NEEDS[name]) use(needed);
		}
		return name;
	};
	const reserve = (hint: string): string => `${hint.replaceAll(/[^a-zA-Z]/g, "").toLowerCase() || "rule"}-${next++}`;
	return {
		use,
		reserve,
		define: (name, expression) => void rules.set(name, expression),
		add(hint, expression) {
			const name = reserve(hint);
			rules.set(name, expression);
			return name;
		},
		print: (root) => [`root ::= ${root}`, ...[...rules].map(([name, body]) => `${name} ::= ${body}`)].join("\n"),
	};
}

/** Expression for exactly this text. */
export function quoted(text: string): string {
	const escaped = text.replaceAll(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character);
	return `"${escaped}"`;
}

const ESCAPES: { readonly [character: string]: string } = {
	'"': '\\"',
	"\\": "\\\\",
	"\n": "\\n",
	"\r": "\\r",
	"\t": "\\t",
};

/** Expression for exactly this JSON value. */
export function literal(value: unknown): string {
	return quoted(JSON.stringify(value));
}
