import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

test("at least 97 % of the answers are right", () => {
	const program = `
import csv, json
answers = {}
for line in open("results.jsonl", encoding="utf-8"):
    result = json.loads(line)
    answers[result["custom_id"]] = result["response"]["body"]["choices"][0]["message"]["content"].strip()
print(sum(answers[t["custom_id"]] == t["label"] for t in csv.DictReader(open("${join(repositoryDir, "assets", "examples", "tickets.csv")}", encoding="utf-8", newline=""))))
`;
	const right = Number(execFileSync("python3", ["-c", program], { cwd: folder, encoding: "utf8" }));
	expect(right).toBeGreaterThanOrEqual(970);
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
