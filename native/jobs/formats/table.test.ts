import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RowTemplate } from "../../contract/contract.ts";
import { sampleLine, sampleResult } from "../testing.ts";
import { formatOf, placesOf, validate } from "../validate/testing.ts";
import { answerPayload } from "../work/payload.ts";
import { detectFormat, type LineFormat, openFormat } from "./formats.ts";

const template = (prompt: string, changes: Partial<RowTemplate> = {}): RowTemplate => ({
	prompt,
	system: null,
	max_tokens: null,
	temperature: 0,
	...changes,
});

const tableOf = (file: string, prompt: RowTemplate = template("Classify: {{text}}"), name: "csv" | "tsv" = "csv") =>
	formatOf({ format: name, template: prompt }, file);

const check = (file: string, format = tableOf(file)) => validate(file, { format, resolveModel: () => "demo" });

/** Why a table can't be opened. */
function refusal(file: string | Buffer, prompt = "{{text}}", name: "csv" | "tsv" = "csv"): string {
	const choice = { format: name, template: template(prompt), endpoint: "" };
	const opened = openFormat(choice, typeof file === "string" ? Buffer.from(file) : file);
	return opened.ok ? "none" : opened.error.message;
}

/** What a request of a row says. */
const asked = (format: LineFormat, row: string) => format.request(Buffer.from(row)).body;

describe("a template", () => {
	const file = "id,text,Ticket No\n";

	test("becomes a chat request with the values of the row, as they are", () => {
		const format = tableOf(
			file,
			template("Classify {{ text }} ({{id}}, {{Ticket No}})", {
				system: "You know {{id}}.",
				max_tokens: 8,
				temperature: 0.5,
			}),
		);
		expect(asked(format, '7,"a, {{id}} ""b""\nc",9')).toEqual({
			messages: [
				{ role: "system", content: "You know 7." },
				{ role: "user", content: 'Classify a, {{id}} "b"\nc (7, 9)' },
			],
			temperature: 0.5,
			max_tokens: 8,
		});
		expect(asked(tableOf(file), "7,a,9")).toEqual({
			messages: [{ role: "user", content: "Classify: a" }],
			temperature: 0,
		});
	});

	test("keeps values as they are whatever they look like", () => {
		const format = tableOf("a,b\n", template("<{{a}}|{{b}}>"));
		const cell = fc.string({ unit: fc.constantFrom(..."{}$&ab \n\"',\\") });
		fc.assert(
			fc.property(cell, cell, (a, b) => {
				const row = [a, b].map((value) => `"${value.replaceAll('"', '""')}"`).join(",");
				expect(asked(format, row)).toMatchObject({ messages: [{ content: `<${a}|${b}>` }] });
			}),
		);
	});

	test("with a column that is not there says which there are", () => {
		expect(refusal(file, "{{body}}")).toBe(
			"The template has a place for 'body', but there is no such column. The columns are: 'id', 'text', 'Ticket No'.",
		);
		expect(refusal(file, "Classify: {text}")).toMatch(/names no column.*\{\{id\}\}/);
	});
});

describe("a header", () => {
	test.each([
		["", /empty/],
		["\n\n", /empty/],
		["id,,text\n", /Column 2 has no name/],
		["id,text,id \n", /Two columns are called 'id'/],
		['id,"text\n1,a\n', /quote that opens on line 1/],
		["id,text\r1,a\r2,b\r", /CR alone/],
	])("of %j is refused", (file, reason) => {
		expect(refusal(file)).toMatch(reason);
	});

	test("of a file of another kind says what that is", () => {
		expect(refusal(Buffer.from("\uFEFFid,text\n", "utf16le"))).toMatch(/UTF-16 text.*UTF-8/);
		expect(refusal(Buffer.from([0x69, 0x2c, 0xe9, 0x0a]))).toMatch(/not UTF-8/);
	});

	test("tells by which character the fields are parted", () => {
		for (const file of ["id;text\n", '"id";"text"\n', "id\ttext\n", "\uFEFFid,text\n"])
			expect(refusal(file)).toBe("none");
		expect(asked(tableOf("id;text\n"), '1;"a;b, c"')).toMatchObject({ messages: [{ content: "Classify: a;b, c" }] });
		expect(asked(tableOf("id\ttext\n", undefined, "tsv"), "1\ta, b")).toMatchObject({
			messages: [{ content: "Classify: a, b" }],
		});
	});
});

describe("a table", () => {
	test("is indexed row by row, by its own ids where it has some", async () => {
		const file = '\uFEFFcustom_id,text\r\nx,"one\r\ntwo"\r\n\r\ny,three';
		const report = await check(file);
		expect(report).toMatchObject({ total: 2, faults: [], model: "demo" });
		expect(report.notices).toMatchObject([{ firstLine: 4, count: 1, message: "A blank line was skipped." }]);
		const texts = report.lines.map(({ offset, length }) => Buffer.from(file).toString("utf8", offset, offset + length));
		expect(texts).toEqual(['x,"one\r\ntwo"', "y,three"]);
		expect(report.lines.map(({ customId }) => customId)).toEqual(["x", "y"]);
		const numbered = await check("id,text\n7,a\n8,b\n");
		expect(numbered.lines.map(({ customId }) => customId)).toEqual(["row-1", "row-2"]);
	});

	test("has its faults named with the line that each row begins on", async () => {
		const file = [
			"custom_id,text",
			'a,"two\nlines"',
			"b",
			"c,d,e",
			'f,"open',
			'g,"fine"',
			"a,again",
			",none",
			"h,a\0b",
			"i,last",
		].join("\n");
		expect(placesOf(await check(file))).toEqual([
			[4, "invalid_request", null],
			[5, "invalid_request", null],
			[6, "invalid_request", null],
			[8, "duplicate_custom_id", "custom_id"],
			[9, "invalid_request", "custom_id"],
			[10, "invalid_request", null],
		]);
		const [short, , open, ...others] = (await check(file)).faults.map(({ message }) => message);
		expect(short).toMatch(/^This row has 1 field, the header has 2\./);
		expect(open).toMatch(/opens a field on line 6 .* closes on line 7/);
		expect(others.at(-1)).toMatch(/NUL byte \(character 4\)/);
	});

	test("says so where a row has nothing in the columns that are asked about", async () => {
		const report = await check("id,text\n1, \n2,b\n3,\n");
		expect(report).toMatchObject({ total: 3, faults: [] });
		expect(report.notices).toMatchObject([
			{ firstLine: 2, count: 2, message: expect.stringMatching(/columns.*empty/) },
		]);
	});

	test("without a row is an empty file", async () => {
		expect(placesOf(await check("id,text\n"))).toEqual([[null, "empty_file", null]]);
	});

	test("needs a model once, not once a row", async () => {
		const file = "id,text\n1,a\n2,b\n";
		const report = await validate(file, { format: tableOf(file), resolveModel: () => null });
		expect(placesOf(report)).toEqual([[null, "model_not_found", "model"]]);
		expect(report.faults[0]?.message).toMatch(/--model.*models\.default/);
		expect(await validate(file, { format: tableOf(file), modelOverride: "demo" })).toMatchObject({
			faults: [],
			model: "demo",
		});
	});

	test("is measured by its prompts", async () => {
		const file = `id,text\n1,${"word ".repeat(200)}\n`;
		const report = await validate(file, {
			format: tableOf(file),
			resolveModel: () => "demo",
			contextTokens: 100,
			countPromptTokens: async (requests) => ({ ok: true, value: requests.map(() => ({ ok: true, value: 205 })) }),
		});
		expect(placesOf(report)).toEqual([[2, "invalid_request", null]]);
	});
});

describe("the answer to a row", () => {
	const answer = { choices: [{ message: { content: 'It says "a, b"\nand more' } }] };
	const error = { error: { message: "No.", type: "invalid_request_error", param: null, code: null } };
	const finished = (statusCode: number, body: object) => {
		const payload = answerPayload(statusCode, sampleLine(0).key, body);
		return { ...sampleLine(0), result: { ...sampleResult(0), isError: statusCode >= 400, payload } };
	};
	const row = () => Buffer.from('7,"x, y"');

	test("stands beside its columns", () => {
		const format = tableOf("id,text\n");
		const file = `${format.heads.output}${format.outputRecord(finished(200, answer), row, null)}${format.outputRecord(finished(400, error), row, null)}`;
		expect(parse(file)).toEqual([
			["id", "text", "answer", "error"],
			["7", "x, y", 'It says "a, b"\nand more', ""],
			["7", "x, y", "", "No."],
		]);
		const never = format.outputRecord({ ...sampleLine(0), result: null }, row, "batch_expired");
		expect(parse(never)).toEqual([["7", "x, y", "", expect.stringMatching(/completion window expired/)]]);
		expect(format).toMatchObject({ outputHas: "all", extension: "csv" });
	});

	test("is written the way the table was: its delimiter, its byte order mark, its columns' names", () => {
		const format = tableOf("\uFEFFid;error;answer;answer_2\n", template("{{id}}"));
		expect(format.heads).toEqual({
			output: "\uFEFFid;error;answer;answer_2;answer_3;error_2\n",
			errors: "\uFEFFid;error;answer;answer_2;error_2\n",
		});
	});

	test("reads as OpenAI's where it is asked for alone", () => {
		const format = tableOf("id,text\n");
		expect(format.result(finished(200, answer), null)).toMatchObject({ custom_id: "id-0", response: { body: answer } });
		expect(format.text(finished(200, answer))).toBe('It says "a, b"\nand more');
	});

	test("that failed is in an error file that is a valid input and asks the same again", async () => {
		for (const name of ["csv", "tsv"] as const) {
			const delimiter = name === "csv" ? "," : "\t";
			const head = `custom_id${delimiter}text\n`;
			const source = `x${delimiter}"one ""1""\ntwo"`;
			const format = tableOf(head, undefined, name);
			const file = `${format.heads.errors}${format.errorRecord(finished(400, error), () => Buffer.from(source), null)}`;
			expect(detectFormat(Buffer.from(file), `errors.${name}`)).toBe(name);
			const first = await check(head + source, format);
			const again = await check(file, tableOf(file, undefined, name));
			expect(again).toMatchObject({ total: 1, faults: [] });
			expect(again.lines[0]).toMatchObject({ customId: "x", key: first.lines[0]?.key });
		}
	});

	test("comes back cell by cell, whatever the cells hold", () => {
		const cell = fc.string({ unit: fc.constantFrom(...'ab,;"\r\n =+é') });
		const format = tableOf("id,text\n");
		fc.assert(
			fc.property(cell, cell, cell, (id, text, said) => {
				const source = [id, text].map((value) => `"${value.replaceAll('"', '""')}"`).join(",");
				const line = finished(200, { choices: [{ message: { content: said } }] });
				const file = format.outputRecord(line, () => Buffer.from(source), null);
				expect(parse(file, { record_delimiter: "\n" })).toEqual([[id, text, said, ""]]);
			}),
		);
	});
});
