import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { repositoryDir } from "./testing.ts";

/** The README's "From a table to a table", run as it stands there in a folder that looks like a clone. */
let folder: string;
/** Rows of the short table. */
const SHORT_ROWS = 200;

/** The code blocks of that section, in order, with their language. */
function steps(): readonly { readonly language: string; readonly code: string }[] {
	const readme = readFileSync(join(repositoryDir, "README.md"), "utf8");
	const section = /### From a table to a table\n([\s\S]*?)\n### /.exec(readme)?.[1] ?? "";
	return [...section.matchAll(/```(\w+)\n([\s\S]*?)```/g)].map(([, language = "", code = ""]) => ({ language, code }));
}

function perform({ language, code }: { readonly language: string; readonly code: string }): string {
	const [program, flag] = language === "python" ? ["python3", "-c"] : ["bash", "-ec"];
	const env = { ...process.env, NIGHTSHIFT_HOME: join(folder, "data") };
	return execFileSync(program, [flag, code], {
		cwd: folder,
		env,
		encoding: "utf8",
		stdio: ["ignore", "pipe", "ignore"],
	});
}

const rowsOf = (name: string) =>
	Number(
		execFileSync("python3", ["-c", `import csv; print(len(list(csv.DictReader(open("${name}", newline="")))))`], {
			cwd: folder,
			encoding: "utf8",
		}),
	);

/** Puts a short table in the place of the bundled one: how 2,000 rows do is seen before. */
function shortenInbox(): void {
	const assets = join(folder, "assets");
	rmSync(assets);
	mkdirSync(join(assets, "examples"), { recursive: true });
	for (const name of readdirSync(join(repositoryDir, "assets"))) {
		if (name !== "examples") symlinkSync(join(repositoryDir, "assets", name), join(assets, name));
	}
	const cut = `
import csv, itertools
rows = csv.reader(open("inbox-whole.csv", encoding="utf-8", newline=""))
csv.writer(open("assets/examples/inbox.csv", "w", encoding="utf-8", newline="")).writerows(itertools.islice(rows, ${SHORT_ROWS + 1}))
`;
	symlinkSync(join(repositoryDir, "assets", "examples", "inbox.csv"), join(folder, "inbox-whole.csv"));
	execFileSync("python3", ["-c", cut], { cwd: folder });
}

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "nightshift-walkthrough-"));
	for (const name of ["package.json", "native", "assets", "node_modules"]) {
		symlinkSync(join(repositoryDir, name), join(folder, name));
	}
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the README's walkthrough labels 2,000 tickets of a table and joins them into a new one", () => {
	const all = steps();
	expect(all.map(({ language }) => language)).toEqual(["python", "sh", "python", "sh"]);
	const printed = all.slice(0, 3).map(perform);
	const [, right, total] = /^(\d+) of (\d+) tickets/.exec(printed[2] ?? "") ?? [];
	expect(Number(total)).toBe(2_000);
	expect(Number(right), printed[2]).toBeGreaterThanOrEqual(1_940);
	expect(rowsOf("inbox-answered.csv")).toBe(2_000);
}, 300_000);

test("its last command does the same to the table itself", () => {
	const [, , , last] = steps();
	if (last === undefined) throw new Error("The README has no such step");
	shortenInbox();
	perform(last);
	expect(rowsOf("inbox-table.csv")).toBe(SHORT_ROWS);
	expect(readFileSync(join(folder, "inbox-table.csv"), "utf8").split("\n")[0]).toBe(
		"ticket,subject,text,label,answer,error",
	);
}, 300_000);
