import { describe, expect, it } from "vitest";
import { FakePrograms } from "../testing/fake-programs.ts";
import { firewallWords } from "../words/firewall.ts";
import { allowCommand, allowedBy, faultOf, findMarkCommand, hasMark, setMarkCommand, systemFolder } from "./rule.ts";
import type { Ran } from "./run-program.ts";

// There is no Windows here: what is looked at is the commands themselves, and what the fake makes of them by cmd's and netsh's rules.

const SYSTEM = "C:\\Windows\\System32";
const PROGRAM = "C:\\Users\\Ada\\AppData\\Local\\Programs\\Nightshift\\Nightshift.exe";
const ended = (code: number, output = ""): Ran => ({ kind: "ended", code, output });

function built(program: string) {
	const command = allowCommand(program, SYSTEM);
	if (command === null) throw new Error(`No command is built for ${program}.`);
	return command;
}

describe("the command that makes the rule", () => {
	it("is one elevated program that takes the program's rules away and adds ours, on networks that are not public", () => {
		const { environment } = built(PROGRAM);
		const netsh = '"C:\\Windows\\System32\\netsh.exe" advfirewall firewall';
		expect(environment).toEqual({
			NIGHTSHIFT_ELEVATED_WORDS: `/d /v:off /s /c "${netsh} delete rule name=all dir=in program="${PROGRAM}" & ${netsh} add rule name="Nightshift" dir=in action=allow profile=private,domain enable=yes program="${PROGRAM}""`,
		});
	});

	it("is run by a script that no path is part of, and that a command line can hold as it is", () => {
		const { path, words } = built(PROGRAM);
		expect(path).toBe("C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe");
		expect(words).toEqual(built("D:\\Other\\it's $(here) `n.exe").words);
		const [script = ""] = words.slice(-1);
		expect(script).not.toMatch(/"|Ada/);
		expect(script).toContain("$start.Arguments = $env:NIGHTSHIFT_ELEVATED_WORDS");
		expect(script).toContain("$start.Verb = 'runas'");
		expect(script).toMatch(/NativeErrorCode -eq 1223\) \{ exit 1223 \}/);
	});

	it.each([
		PROGRAM,
		"C:\\Users\\Ada & Bob\\Night^shift (1)\\Nightshift.exe",
		"D:\\it's; $(here) `n | <x> !PATH!\\größe\\夜勤.exe",
	])("names %s whole, however odd its folder", async (program) => {
		const windows = new FakePrograms();
		const running = windows.run(built(program));
		windows.consent?.agree();
		expect(await running).toEqual(ended(0));
		expect(windows.rules).toEqual([
			{ name: "Nightshift", dir: "in", action: "allow", profile: "private,domain", enable: "yes", program },
		]);
	});

	it.each([
		"C:\\100%\\Nightshift.exe",
		'C:\\a" & calc & "\\Nightshift.exe',
		"C:\\a\nb.exe",
		"\\\\server\\share\\Nightshift.exe",
		"Nightshift.exe",
		"/opt/nightshift",
	])("is not built for %j, which would not mean the same to all who read it", (program) => {
		expect(allowCommand(program, SYSTEM)).toBeNull();
	});
});

it("a refusal is told from a failure, and a failure by what Windows said, or by its code", () => {
	expect(allowedBy(ended(0))).toEqual({ kind: "made" });
	expect(allowedBy(ended(1223))).toEqual({ kind: "refused" });
	expect(allowedBy(ended(1, "Blocked by group policy."))).toEqual({
		kind: "failed",
		reason: "Blocked by group policy.",
	});
	expect(allowedBy(ended(1))).toEqual({ kind: "failed", reason: firewallWords.endedWith(1) });
	expect(allowedBy({ kind: "failed", message: "ENOENT" })).toEqual({ kind: "failed", reason: "ENOENT" });
	expect([faultOf(ended(0, "done")), faultOf(ended(5)), faultOf({ kind: "failed", message: "no" })]).toEqual([
		null,
		firewallWords.endedWith(5),
		"no",
	]);
});

describe("the mark", () => {
	it("is the value that the uninstaller looks for", () => {
		expect(setMarkCommand(SYSTEM)).toMatchObject({
			path: "C:\\Windows\\System32\\reg.exe",
			words: ["add", "HKCU\\Software\\Nightshift", "/v", "FirewallRule", "/t", "REG_SZ", "/d", "1", "/f"],
		});
	});

	it("is there once it was set", async () => {
		const windows = new FakePrograms();
		expect(hasMark(await windows.run(findMarkCommand(SYSTEM)))).toBe(false);
		await windows.run(setMarkCommand(SYSTEM));
		expect(hasMark(await windows.run(findMarkCommand(SYSTEM)))).toBe(true);
	});

	it("is read as reg.exe prints it, and nothing else is taken for it", () => {
		const printed = (value: string) =>
			`\r\nHKEY_CURRENT_USER\\Software\\Nightshift\r\n    FirewallRule    ${value}\r\n\r\n`;
		expect(hasMark(ended(0, printed("REG_SZ    1")))).toBe(true);
		for (const value of ["REG_SZ    0", "REG_SZ    ", "REG_SZ    11", "REG_DWORD    0x1"]) {
			expect(hasMark(ended(0, printed(value)))).toBe(false);
		}
		expect(hasMark(ended(1, printed("REG_SZ    1")))).toBe(false);
		expect(hasMark({ kind: "failed", message: "" })).toBe(false);
	});
});

it("Windows' folder is the one the environment names, where it names one", () => {
	expect(systemFolder("D:\\WINNT")).toBe("D:\\WINNT\\System32");
	for (const root of [undefined, "", "%windir%", "..\\here"]) expect(systemFolder(root)).toBe(SYSTEM);
});
