import { expect, test } from "vitest";
import { givenArguments, MOST_PATHS, openRequests } from "./requests.ts";

const cwd = "/home/ada";

test("paths are made whole by the folder they were said in, each counts once", () => {
	const argv = ["night/tickets.jsonl", "/data/a b.jsonl", "./night/tickets.jsonl"];
	expect(openRequests({ argv, cwd })).toEqual({
		paths: ["/home/ada/night/tickets.jsonl", "/data/a b.jsonl"],
		hash: null,
		refused: [],
	});
});

test("switches are nobody's files, until a -- says that all are", () => {
	const argv = ["--hidden", "--original-process-start-time=1", "-psn_0_1", "a.jsonl", "--", "--hidden", "-b.jsonl"];
	expect(openRequests({ argv, cwd }).paths).toEqual(["/home/ada/a.jsonl", "/home/ada/--hidden", "/home/ada/-b.jsonl"]);
});

test("addresses of files are files, as Linux desktops write them; other addresses are refused", () => {
	const argv = ["file:///data/a%20b.jsonl", "https://example.com/a.jsonl", "file://server/share/a.jsonl"];
	const { paths, refused } = openRequests({ argv, cwd });
	expect(paths).toEqual(["/data/a b.jsonl"]);
	expect(refused.map(({ what }) => what)).toEqual(argv.slice(1));
});

test("a link among the arguments leads to its place and is never taken for a file", () => {
	expect(openRequests({ argv: ["nightshift://jobs/batch_1"], cwd })).toEqual({
		paths: [],
		hash: "#/jobs/batch_1",
		refused: [],
	});
	expect(openRequests({ argv: ["nightshift://files//etc/passwd"], cwd })).toMatchObject({
		paths: [],
		hash: null,
		refused: [{ what: "nightshift://files//etc/passwd" }],
	});
});

test("no file is taken beside a link: it may have come in by quotes in the link of a page", () => {
	const argv = ["nightshift://morning", "/home/ada/evil.jsonl", "--", "/home/ada/more.jsonl"];
	expect(openRequests({ argv, cwd })).toEqual({ paths: [], hash: "#/morning", refused: [] });
	expect(openRequests({ argv: ["/home/ada/evil.jsonl", "nightshift://jobs/a b"], cwd }).paths).toEqual([]);
});

test("more files than are taken at once are left out, and it is said how many", () => {
	const argv = Array.from({ length: MOST_PATHS + 2 }, (_, index) => `${index}.jsonl`);
	const { paths, refused } = openRequests({ argv, cwd });
	expect(paths).toHaveLength(MOST_PATHS);
	expect(refused).toEqual([{ what: "", message: expect.stringContaining("2 were left out") }]);
});

test("the program itself is not among what was given, nor is its script in development", () => {
	expect(givenArguments(["/opt/Nightshift/nightshift", "a.jsonl"], true)).toEqual(["a.jsonl"]);
	expect(givenArguments(["electron", ".", "a.jsonl"], false)).toEqual(["a.jsonl"]);
});
