/** The first rows of a table: what its columns are called and what the first row would ask. Pure. */

/** Bytes of a file that are looked at: more columns than anybody names in a prompt, and their first row. */
export const HEAD_BYTES = 64 * 1024;

/** The start of a table. */
export interface TableHead {
	readonly columns: readonly string[];
	/** The first row below the names; null: there is none, or it is longer than what was looked at. */
	readonly firstRow: readonly string[] | null;
}

/** Whether a file is a table, as the service tells it: by its name, unless its first line is JSON. */
export function isTable(filename: string, head: string): boolean {
	return /\.(csv|tsv)$/i.test(filename) && !head.trimStart().startsWith("{");
}

/** Reads the start of a table; no columns where its first row can't be read. */
export function readTableHead(filename: string, text: string): TableHead {
	const head = text.replace(/^\uFEFF/, "").replace(/^[\r\n]+/, "");
	const delimiter = /\.tsv$/i.test(filename) ? "\t" : findDelimiter(head);
	const [columns = [], firstRow = null] = readRows(head, delimiter, 2);
	return { columns: columns.map((name) => name.trim()).filter((name) => name !== ""), firstRow };
}

/** The prompt of a row; a place for a column that is not there stays as it stands. */
export function fillTemplate(template: string, { columns, firstRow }: TableHead): string {
	return template.replace(/\{\{([^{}]*)\}\}/g, (place, name: string) => {
		const column = columns.indexOf(name.trim());
		return column < 0 ? place : (firstRow?.[column] ?? "");
	});
}

/** Columns that a template has a place for, but the table does not have. */
export function unknownColumns(template: string, { columns }: TableHead): readonly string[] {
	const names = [...template.matchAll(/\{\{([^{}]*)\}\}/g)].map(([, name = ""]) => name.trim());
	return [...new Set(names)].filter((name) => !columns.includes(name));
}

/** A comma, unless the first row has none and one of the others: what spreadsheets write where the comma stands in numbers. */
function findDelimiter(head: string): string {
	return [",", ";", "\t"].find((delimiter) => (readRows(head, delimiter, 1)[0]?.length ?? 0) > 1) ?? ",";
}

/** The first rows that are whole. */
function readRows(text: string, delimiter: string, most: number): readonly (readonly string[])[] {
	const rows: string[][] = [];
	let row: string[] = [];
	let field = "";
	let isQuoted = false;
	const endField = () => {
		row.push(field);
		field = "";
	};
	for (let at = 0; at < text.length && rows.length < most; at++) {
		const character = text.charAt(at);
		if (isQuoted) {
			if (character !== '"') field += character;
			else if (text.charAt(at + 1) === '"') field += text.charAt(at++);
			else isQuoted = false;
		} else if (character === '"' && field === "") isQuoted = true;
		else if (character === delimiter) endField();
		else if (character === "\n") {
			endField();
			rows.push(row);
			row = [];
		} else if (character !== "\r") field += character;
	}
	// What was looked at may be the whole file, without a line end at its end; a row cut in two is no harm in a preview.
	if (rows.length < most && !isQuoted && (field !== "" || row.length > 0)) {
		endField();
		rows.push(row);
	}
	return rows;
}
