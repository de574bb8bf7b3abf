import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const root = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const workflows = readdirSync(root(".github/workflows")).map((name) => ({
	name,
	text: readFileSync(root(`.github/workflows/${name}`), "utf8"),
}));
const { scripts } = z
	.object({ scripts: z.record(z.string(), z.string()) })
	.parse(JSON.parse(readFileSync(root("package.json"), "utf8")));

/** Every `uses:` of a workflow, with the version its comment claims. */
function uses(text: string): readonly { readonly action: string; readonly at: string; readonly version: string }[] {
	return [...text.matchAll(/uses: ([^@\s]+)(?:@(\S+))?(?: # (\S+))?/g)].map(
		([, action = "", at = "", version = ""]) => ({
			action,
			at,
			version,
		}),
	);
}

/** Blocks two spaces deep below `jobs:`, by name. */
function jobs(text: string): readonly (readonly [string, string])[] {
	const [, below = ""] = text.split(/^jobs:\n/m);
	return below
		.split(/^(?= {2}[a-z][\w-]*:$)/m)
		.filter((block) => block.trim() !== "")
		.map((block) => [block.trim().split(":")[0] ?? "", block] as const);
}

test("there is a check of every commit, a build and a release", () => {
	expect(workflows.map(({ name }) => name).sort()).toEqual(["build.yml", "check.yml", "release.yml"]);
});

describe.each(workflows)("$name", ({ text }) => {
	test("uses only actions that can't change under it, and says which versions they are", () => {
		for (const { action, at, version } of uses(text)) {
			if (action.startsWith("./")) expect(existsSync(root(action)), action).toBe(true);
			else
				expect({ action, at, version }).toEqual({
					action: expect.stringMatching(/^actions\//),
					at: expect.stringMatching(/^[0-9a-f]{40}$/),
					version: expect.stringMatching(/^v\d+\.\d+\.\d+$/),
				});
		}
	});

	test("may only read, but where a job says why", () => {
		expect(text).toMatch(/^permissions:\n {2}contents: read\n(?! )/m);
		for (const [, line = ""] of text.matchAll(/^ {4,}(\S+: write)$/gm)) {
			expect(["contents: write", "id-token: write", "attestations: write"]).toContain(line);
		}
	});

	test("leaves no token in the clone, and has every job end some day", () => {
		const clones = text.match(/uses: actions\/checkout@.*\n {8}with:\n {10}persist-credentials: false/g) ?? [];
		expect(clones).toHaveLength(text.match(/actions\/checkout@/g)?.length ?? 0);
		for (const [name, job] of jobs(text)) {
			if (!/^ {4}uses: /m.test(job)) expect(job, name).toMatch(/^ {4}timeout-minutes: \d+$/m);
		}
	});

	test("puts nothing that strangers write into a shell", () => {
		expect(text).not.toMatch(/github\.(event|head_ref)|pull_request_target/);
		const steps = text.split(/^ {6}- /m).slice(1);
		for (const step of steps) {
			const [, run = ""] = step.split(/^(?: {8})?run:/m);
			const shell = run.split(/^ {8}\w/m)[0] ?? "";
			expect(shell.match(/\$\{\{(?!\s*matrix\.)/g) ?? [], shell).toEqual([]);
		}
	});

	test("runs only what there is", () => {
		for (const [, script = ""] of text.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([script]);
		for (const [path] of text.matchAll(/(?:build\/[\w/-]+\.ts|\.ci\/run)/g))
			expect(existsSync(root(path)), path).toBe(true);
	});

	test("is indented by spaces, two at a time", () => {
		for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
			expect((/^ */.exec(line)?.[0].length ?? 0) % 2, line).toBe(0);
			expect(line).not.toContain("\t");
		}
	});
});

test("an action has one version in all of them", () => {
	const versions = new Map<string, Set<string>>();
	for (const { action, at } of workflows.flatMap(({ text }) => uses(text))) {
		versions.set(action, (versions.get(action) ?? new Set()).add(at));
	}
	for (const [action, commits] of versions) expect([...commits], action).toHaveLength(1);
});

test("a release is built, attested and drafted in that order, and only its last job may write", () => {
	const release = workflows.find(({ name }) => name === "release.yml")?.text ?? "";
	const blocks = jobs(release);
	expect(blocks.map(([name]) => name)).toEqual(["check", "build", "draft"]);
	expect(blocks.filter(([, block]) => block.includes(": write")).map(([name]) => name)).toEqual(["draft"]);
	const draft = blocks.at(-1)?.[1] ?? "";
	const order = ["sha256sum", "attest-build-provenance", "gh release create"].map((step) => draft.indexOf(step));
	expect(order).toEqual([...order].sort((one, other) => one - other));
	expect(order[0]).toBeGreaterThan(0);
	expect(draft).toMatch(/--draft/);
});
