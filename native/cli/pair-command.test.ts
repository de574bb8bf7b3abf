import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { machineId, sampleMember } from "../mesh/testing.ts";
import { callCommand } from "./call-testing.ts";
import { type ServedMesh, serveMesh } from "./mesh-testing.ts";
import { repositoryDir } from "./testing.ts";

let served: ServedMesh;
beforeEach(async () => {
	served = await serveMesh();
});
afterEach(async () => {
	vi.restoreAllMocks();
	await served[Symbol.asyncDispose]();
});

const pair = (...args: readonly string[]) => callCommand(served.dataDir, "pair", ...args);

test("a code is shown until somebody has joined by it; wrong ones are told", async () => {
	const pairing = pair();
	await expect.poll(() => served.mesh.shownCode()).not.toBeNull();
	served.mesh.tryCode("0000 0000", sampleMember("stranger"));
	const looks = vi.spyOn(served.mesh, "shownCode");
	await expect.poll(() => looks.mock.calls.length, { timeout: 5_000 }).toBeGreaterThan(1);
	served.mesh.tryCode("1234 5678", sampleMember("attic"));
	const told = await pairing;
	expect(told).toMatchObject({ exitCode: 0, stdout: "1234 5678\n" });
	expect(told.stderr).toContain("nightshift pair --with");
	expect(told.stderr).toContain("A wrong code was entered; 2 tries left.");
	expect(told.stderr).toContain("attic has joined. 2 machines belong together now.");
});

test("a code that is over says why", async () => {
	const pairing = pair();
	await expect.poll(() => served.mesh.shownCode()).not.toBeNull();
	await served.mesh.hideCode();
	expect(await pairing).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("The code was taken back.") });
});

test("a code that is shown already is not shown a second time", async () => {
	await served.mesh.showCode();
	expect(await pair()).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("A code is shown already.") });
});

test("a token lets another machine in", async () => {
	const made = await pair("--token");
	expect(made).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("It lets one machine in, once") });
	const token = made.stdout.trim();
	expect(await pair("--join", token)).toMatchObject({
		exitCode: 0,
		stdout: "This machine belongs to rack and its machines now.\n",
	});
	expect(await pair("--join", token)).toMatchObject({ exitCode: 2, stdout: "" });
});

test("a code that another machine shows is asked for, and read from what is piped in", async () => {
	served.mesh.comeNear(
		{ id: machineId("attic"), name: "attic", address: "10.0.0.7:22008", is_pairing: true },
		"8765 4321",
	);
	const joining = async (typed: string) => {
		const main = join(repositoryDir, "native", "cli", "main.ts");
		const child = spawn(process.execPath, [main, "--data-dir", served.dataDir, "pair", "--with", "10.0.0.7:22008"]);
		let output = "";
		for (const stream of [child.stdout, child.stderr]) stream.on("data", (piece) => (output += String(piece)));
		child.stdin.end(typed);
		const [exitCode] = await once(child, "close");
		return { exitCode, output };
	};
	expect(await joining("1111 1111\n")).toMatchObject({
		exitCode: 2,
		output: expect.stringContaining("not the right one"),
	});
	expect(await joining("")).toMatchObject({ exitCode: 2 });
	const joined = await joining("8765 4321\n");
	expect(joined, joined.output).toMatchObject({ exitCode: 0, output: expect.stringContaining("belongs to attic") });
});

test("one way at a time", async () => {
	expect(await pair("--token", "--join", "mesh1:x")).toMatchObject({ exitCode: 2, stdout: "" });
});
