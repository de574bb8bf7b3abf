import { expect, test } from "vitest";
import { firewallWords } from "../words/firewall.ts";
import { type Command, runProgram } from "./run-program.ts";

/** This Node as a program of the system. */
function node(script: string, change: Partial<Command> = {}): Command {
	return { path: process.execPath, words: ["-e", script], environment: {}, limitMs: 60_000, ...change };
}

test("a program's code and all it printed come back, and what it was told by its environment reached it", async () => {
	const script = "console.log(process.env.TOLD); console.error('and so on'); process.exitCode = 3";
	const ran = await runProgram(node(script, { environment: { TOLD: 'a "word" & more' } }));
	expect(ran).toEqual({ kind: "ended", code: 3, output: 'a "word" & more\nand so on' });
	expect(await runProgram(node(""))).toEqual({ kind: "ended", code: 0, output: "" });
});

test("a program that is not there, hangs, prints without end or is killed has failed, in words", async () => {
	const missing = await runProgram(node("", { path: "/nowhere/reg.exe" }));
	expect(missing).toEqual({ kind: "failed", message: expect.stringContaining("ENOENT") });
	const hanging = await runProgram(node("setInterval(() => {}, 1000)", { limitMs: 100 }));
	expect(hanging).toEqual({ kind: "failed", message: firewallWords.tooLong(0.1) });
	const endless = await runProgram(node("process.stdout.write('x'.repeat(1e6))"));
	expect(endless).toEqual({ kind: "failed", message: expect.stringContaining("maxBuffer") });
	const killed = await runProgram(node("process.kill(process.pid, 'SIGKILL')"));
	expect(killed).toEqual({ kind: "failed", message: firewallWords.killed });
});

test("a program that can't even be begun has failed like any other", async () => {
	const ran = await runProgram(node("", { path: "a\0b" }));
	expect(ran).toEqual({ kind: "failed", message: expect.stringContaining("null bytes") });
});
