import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EndedCommand, killLeftovers, repositoryDir, startCommand, ticketsPath } from "./testing.ts";

/** What the README promises of its first command: the 1,000 bundled tickets, by the bundled model. */
let folder: string;
let ended: EndedCommand;

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-demo-"));
	ended = await startCommand(join(folder, "data"), ["run", ticketsPath], folder).ended;
}, 300_000);
afterAll(() => {
	killLeftovers();
	rmSync(folder, { recursive: true, force: true });
});

const customIds = (path: string) =>
	readFileSync(path, "utf8")
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line).custom_id);

test("every bundled ticket is answered, in the order of the input", () => {
	expect(ended, ended.output).toMatchObject({ exitCode: 0 });
	const answered = customIds(join(folder, "results.jsonl"));
	expect(answered).toHaveLength(1_000);
	expect(answered).toEqual(customIds(ticketsPath));
});

test("the README's ten lines of Python join the answers to the tickets, and at least 97 % are right", () => {
	const readme = readFileSync(join(repositoryDir, "README.md"), "utf8");
	const program = /```python\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
	mkdirSync(join(folder, "assets"), { recursive: true });
	cpSync(join(repositoryDir, "assets", "examples"), join(folder, "assets", "examples"), { recursive: true });
	const printed = execFileSync("python3", ["-c", program], { cwd: folder, encoding: "utf8" });
	const [, right, total] = /^(\d+) of (\d+) tickets/.exec(printed) ?? [];
	expect(Number(total)).toBe(1_000);
	expect(Number(right), printed).toBeGreaterThanOrEqual(970);
});

test("asked for JSON, it answers with JSON that says the same", async () => {
	const examples = join(repositoryDir, "assets", "examples");
	const command = startCommand(
		join(folder, "data"),
		["run", join(examples, "tickets-json.jsonl"), "-o", "json.jsonl"],
		folder,
	);
	expect(await command.ended).toMatchObject({ exitCode: 0 });
	const labels = new Map(
		[...readFileSync(join(examples, "tickets-json.csv"), "utf8").matchAll(/^([\w-]+),(?:.|\n)*?,(\w+)$/gm)].map(
			([, customId, label]) => [customId, label],
		),
	);
	const answers = readFileSync(join(folder, "json.jsonl"), "utf8")
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	expect(answers).toHaveLength(50);
	const right = answers.filter(
		(answer) => JSON.parse(answer.response.body.choices[0].message.content).label === labels.get(answer.custom_id),
	);
	expect(right.length).toBeGreaterThanOrEqual(48);
});
