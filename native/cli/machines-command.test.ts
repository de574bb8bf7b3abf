import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { machineId, sampleAbout, sampleMember } from "../mesh/testing.ts";
import { callCommand } from "./call-testing.ts";
import { type ServedMesh, serveMesh } from "./mesh-testing.ts";

let served: ServedMesh;
beforeEach(async () => {
	served = await serveMesh();
});
afterEach(() => served[Symbol.asyncDispose]());

const machines = (...args: readonly string[]) => callCommand(served.dataDir, "machines", ...args);

test("a machine that is alone says how another is added", async () => {
	const told = await machines();
	expect(told).toMatchObject({ exitCode: 0, stderr: "" });
	expect(told.stdout).toContain("desk (this machine)");
	expect(told.stdout).toContain("'nightshift pair' shows a code");
});

test("machines are listed with what each does, and the host with why it is", async () => {
	const about = {
		...sampleAbout,
		activity: "working",
		words: "works on tickets.jsonl",
		lines_per_second: 12.34,
	} as const;
	served.mesh.put(sampleMember("attic", { about }));
	served.mesh.setHost(machineId("attic"), "silence");
	const { stdout } = await machines();
	expect(stdout).toMatch(
		/^\* +attic +yes +works on tickets\.jsonl; host since .*: the one before fell silent +12\.3 +demo$/m,
	);
	const json = JSON.parse((await machines("--json")).stdout);
	expect(json).toMatchObject({ host: { id: machineId("attic") }, machines: [{ name: "desk" }, { name: "attic" }] });
	expect(json).not.toHaveProperty("pairing");
});

test("one is made host, removed and admitted by its name", async () => {
	served.mesh.put(sampleMember("attic"));
	expect(await machines("host", "attic")).toMatchObject({ exitCode: 0, stdout: "attic is host now.\n" });
	expect(served.mesh.view.host?.id).toBe(machineId("attic"));
	served.mesh.wait(machineId("shed"), "shed");
	expect((await machines()).stdout).toContain("'nightshift machines approve shed'");
	expect(await machines("approve", "shed")).toMatchObject({ exitCode: 0, stdout: "shed is admitted.\n" });
	expect(await machines("remove", "attic", "--yes")).toMatchObject({ exitCode: 0, stdout: "attic is removed.\n" });
	expect(served.mesh.view.machines.map(({ name }) => name)).toEqual(["desk", "shed"]);
});

test("which machines work on a batch is said anew, and taken back", async () => {
	const id = await served.makeBatch();
	served.mesh.put(sampleMember("attic"));
	served.mesh.put(sampleMember("shed"));
	const never = await machines("use", id, "--not", "attic");
	expect(never).toMatchObject({ exitCode: 0, stdout: `All machines but attic may work on ${id} from now on.\n` });
	expect(served.mesh.chosen(id)).toEqual({ only: null, never: [machineId("attic")] });
	const only = await machines("use", id, "--machines", "desk,shed");
	expect(only.stdout).toBe(`None but desk and shed may work on ${id} from now on.\n`);
	expect(served.mesh.chosen(id)).toEqual({ only: [machineId("desk"), machineId("shed")], never: [] });
	expect((await machines("use", id)).stdout).toBe(`All machines may work on ${id} from now on.\n`);
	expect(served.mesh.chosen(id)).toEqual({ only: null, never: [] });
	const nobody = await machines("use", id, "--machines", "attic", "--not", "attic");
	expect(nobody).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("This leaves no machine") });
	expect(await machines("use", "batch_none")).toMatchObject({ exitCode: 2, stdout: "" });
});

test("names that mean nothing, or several machines, are refused with what there is", async () => {
	served.mesh.put(sampleMember("attic"));
	const unknown = await machines("host", "cellar");
	expect(unknown).toMatchObject({ exitCode: 2, stdout: "" });
	expect(unknown.stderr).toContain("There is no machine cellar. There are desk, attic.");
	served.mesh.put(sampleMember("attic", { id: machineId("other") }));
	expect((await machines("host", "attic")).stderr).toContain(`${machineId("attic")} or ${machineId("other")}`);
	expect((await machines("host", machineId("other"))).exitCode).toBe(0);
	served.mesh.put(sampleMember("rack", { id: machineId("7Q2F") }));
	expect(await machines("host", "7q2f")).toMatchObject({ exitCode: 0, stdout: "rack is host now.\n" });
});

test("what others say of themselves can neither command the terminal nor the shell it is copied to", async () => {
	const evil = "rm\u001b[2Jx\u202ey";
	served.mesh.put(sampleMember("attic", { about: { ...sampleAbout, words: evil } }));
	served.mesh.wait(machineId("old"), "old; reboot");
	served.mesh.comeNear({ id: machineId("a"), name: "a", address: "10.0.0.9:1$(reboot)", is_pairing: true }, "1");
	served.mesh.comeNear({ id: machineId("b"), name: evil, address: "10.0.0.9:22008", is_pairing: true }, "1");
	const { stdout } = await machines();
	expect(stdout).toContain("rm[2Jxy");
	for (const character of ["\u001b", "\u202e"]) expect(stdout).not.toContain(character);
	expect(stdout).toContain(`'nightshift machines approve ${machineId("old")}'`);
	expect(stdout).not.toContain("$(reboot)");
	expect(stdout).toContain("rm[2Jxy shows a code: 'nightshift pair --with 10.0.0.9:22008'");
});

test("leaving is removing this machine", async () => {
	served.mesh.put(sampleMember("attic"));
	expect(await machines("remove", "desk", "--yes")).toMatchObject({ stdout: "This machine works by itself now.\n" });
	expect(served.mesh.view.is_on).toBe(false);
	expect((await machines()).stdout).toContain("switched off: 'nightshift machines on'");
});

test("working together is switched off and on by the setting", async () => {
	expect((await machines("on")).exitCode).toBe(0);
	expect(served.api.settings.current.mesh.isOn).toBe(true);
	expect((await machines("off")).exitCode).toBe(0);
	expect(served.api.settings.current.mesh.isOn).toBe(false);
});

test("an address is remembered, what is none is refused", async () => {
	expect(await machines("address", "10.0.0.7:22008")).toMatchObject({ exitCode: 0 });
	expect(await machines("address", "somewhere")).toMatchObject({ exitCode: 2, stdout: "" });
});

test("a file is handed in with the machines that may work on it", async () => {
	served.mesh.put(sampleMember("attic"));
	const path = join(served.dataDir, "tickets.jsonl");
	writeFileSync(
		path,
		'{"custom_id":"a","method":"POST","url":"/v1/chat/completions","body":{"model":"m","messages":[]}}\n',
	);
	const submit = (...args: readonly string[]) => callCommand(served.dataDir, "submit", path, ...args);
	const made = await submit("--machines", "desk,attic", "--not", "desk");
	expect(made).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("Safe on 2 machines.\n") });
	const { manifest } = served.api.ledger.batch(made.stdout.trim()) ?? {};
	expect(manifest?.machines).toEqual({ only: [machineId("desk"), machineId("attic")], never: [machineId("desk")] });
	expect(await submit("--machines", "cellar")).toMatchObject({ exitCode: 2, stdout: "" });
	expect(await submit("--not", "desk,attic")).toMatchObject({ exitCode: 2, stdout: "" });
	expect(await submit("--machines", "desk,,")).toMatchObject({ exitCode: 2, stdout: "" });
	served.mesh.put(sampleMember("attic", { is_online: false }));
	expect((await submit()).stderr).toContain("1 copy: no other machine is reachable.\n");
});
