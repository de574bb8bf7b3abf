import { afterEach, describe, expect, test } from "vitest";
import { isSteamGame, isWindowsProgram, listProcesses, programName, programNames } from "./processes.ts";
import { createProgramsSource } from "./programs.ts";
import { handClock, plantTree, sightOf, type Tree } from "./testing.ts";

let tree: Tree;
afterEach(() => tree.remove());

function plant(files: Readonly<Record<string, string>>): string {
	tree = plantTree(files);
	return tree.root;
}

describe("the name of a program", () => {
	test("is its file's, in its own spelling", () => {
		const root = plant({ "proc/7/exe": "-> /opt/Blender 4/Blender (deleted)", "proc/7/cmdline": "blender\0--x\0" });
		expect(programName(root, 7)).toBe("Blender");
	});

	test("of a Windows program is its own, not the one of what carries it", () => {
		const root = plant({
			"proc/7/exe": "-> /usr/bin/wine64-preloader",
			"proc/7/cmdline": "C:\\Program Files (x86)\\Some Game\\Game.exe\0-fast\0",
		});
		expect(programName(root, 7)).toBe("Game");
		expect(programNames(root, 7)).toContain("game");
		expect(isWindowsProgram(root, 7)).toBe(true);
	});

	test("of another user's process is how it was called, which the kernel does not cut", () => {
		const root = plant({
			"proc/7/comm": "a-very-long-pro\n",
			"proc/7/cmdline": "/usr/bin/a-very-long-program-name\0-x\0",
		});
		expect(programName(root, 7)).toBe("a-very-long-program-name");
		expect(programNames(root, 7)).toEqual(["a-very-long-program-name"]);
	});

	test("of a process that is gone is unknown", () => {
		expect(programName(plant({}), 7)).toBeNull();
		expect(programNames(tree.root, 7)).toEqual([]);
	});
});

test("a game of Steam's is told by its environment, Steam itself is none", () => {
	const root = plant({
		"proc/7/environ": "HOME=/home/a\0SteamAppId=570\0",
		"proc/8/environ": "SteamAppId=0\0HOME=/home/a\0",
		"proc/9/environ": "STEAM_COMPAT_APP_ID=1091500\0",
	});
	expect([7, 8, 9].map((pid) => isSteamGame(root, pid))).toEqual([true, false, true]);
});

test("only processes are listed", () => {
	const root = plant({ "proc/7/comm": "a", "proc/stat": "", "proc/self": "-> 7", "proc/123/comm": "b" });
	expect([...listProcesses(root)].sort((one, other) => one - other)).toEqual([7, 123]);
});

describe("programs that run", () => {
	test("are not looked for unless somebody wants to know", async () => {
		const root = plant({ "proc/7/exe": "-> /usr/bin/blender" });
		expect(await sightOf(createProgramsSource(root, handClock()))).toEqual({});
	});

	test("are listed anew every ten seconds", async () => {
		const root = plant({ "proc/7/exe": "-> /usr/bin/Blender" });
		const clock = handClock();
		const source = createProgramsSource(root, clock);
		const wanted = { programs: ["obs"] };
		expect((await sightOf(source, wanted)).programs).toEqual(["blender"]);
		tree.write({ "proc/8/exe": "-> /usr/bin/obs" });
		clock.pass(9_000);
		expect((await sightOf(source, wanted)).programs).toEqual(["blender"]);
		clock.pass(1_000);
		expect((await sightOf(source, wanted)).programs).toEqual(["blender", "obs"]);
		tree.remove("proc/7");
		clock.pass(10_000);
		expect((await sightOf(source, wanted)).programs).toEqual(["obs"]);
	});

	test("that take the place of their launcher are seen within a minute even when the launcher is old", async () => {
		const root = plant({ "proc/7/exe": "-> /usr/bin/launcher" });
		const clock = handClock();
		const source = createProgramsSource(root, clock);
		for (let list = 0; list < 8; list++) {
			await sightOf(source, { programs: ["game"] });
			clock.pass(10_000);
		}
		tree.write({ "proc/7/exe": "-> /usr/bin/game" });
		const seen: boolean[] = [];
		for (let list = 0; list < 6; list++) {
			seen.push((await sightOf(source, { programs: ["game"] })).programs?.includes("game") ?? false);
			clock.pass(10_000);
		}
		expect(seen).toContain(true);
	});

	test.skipIf(process.platform !== "linux")("of this computer include this one", async () => {
		tree = plantTree();
		const sight = await sightOf(createProgramsSource("/", handClock()), { programs: ["node"] });
		expect(sight.programs).toContain("node");
	});
});
