import { writeFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import {
	hasEnded,
	hostOf,
	makeMachines,
	named,
	pair,
	shownCode,
	type TestMachine,
	untilBatchOf,
	untilMesh,
	untilTogether,
} from "../cli/machines-testing.ts";
import { lineAsking, lineStarts, until } from "../cli/testing.ts";
import { type BatchDetails, batchDetailsSchema } from "../contract/contract.ts";

/**
 * Two machines as people have them, from pairing to parting: each test goes on where the one before ended, for pairs of services are dear.
 */
const machines = makeMachines();
// Two services and two engines share the processor with other tests; and machines wait for each other on purpose, some ten seconds each time.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });
let desk: TestMachine;
let attic: TestMachine;

const clientOf = ({ client }: TestMachine) => new OpenAI({ baseURL: `${client.url}/v1`, apiKey: "none needed" });

/** Different questions, so that every line is run. */
function questions(name: string, count: number): string {
	const line = (number: number) => lineAsking(`${name}-${number}`, `Ticket ${number} of ${name}: I was charged twice.`);
	return `${Array.from({ length: count }, (_, index) => line(index + 1)).join("\n")}\n`;
}

/** Writes them to a file, for commands. */
function fileOf({ dataDir }: TestMachine, name: string, count: number): string {
	const path = join(dataDir, `${name}.jsonl`);
	writeFileSync(path, questions(name, count));
	return path;
}

const linesBegun = ({ dataDir }: TestMachine, id: string): number =>
	lineStarts(dataDir).filter(({ batch }) => batch === id).length;

const idsOf = (jsonl: string): readonly string[] =>
	jsonl
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line).custom_id);

beforeAll(async () => {
	desk = await machines.make("desk");
	attic = await machines.make("attic");
});
afterAll(() => machines.remove());

test("a wrong code is told on both sides, and after three the code is over", async () => {
	const showing = desk.begin("pair");
	const code = await shownCode(showing);
	const wrong = code === "0000 0000" ? "0000 0001" : "0000 0000";
	for (const left of ["2 tries left", "1 try left", "Too many wrong codes were entered."]) {
		const typed = await attic.type(wrong, "pair", "--with", desk.address).ended;
		expect(typed, typed.output).toMatchObject({ exitCode: 2, stdout: "" });
		expect(typed.output).toContain("nightshift: The code is not the one that the other machine shows.");
		await until(() => showing.output().includes(left));
	}
	expect(await showing.ended).toMatchObject({ exitCode: 1 });
	expect(showing.output()).toContain("Nobody has joined; 'nightshift pair' shows another code.");
	expect((await attic.mesh()).machines.map(({ name }) => name)).toEqual(["attic"]);
});

test("two machines are paired by a code that one shows and that is typed on the other, and list each other", async () => {
	const { showed, joined } = await pair(desk, attic);
	expect(showed, showed.output).toMatchObject({ exitCode: 0 });
	expect(showed.output).toContain("attic has joined. 2 machines belong together now.");
	expect(joined).toMatchObject({ exitCode: 0 });
	expect(joined.stdout).toBe("This machine belongs to desk and its machines now.\n");
	const host = await untilTogether([desk, attic]);
	for (const [machine, other] of [
		[desk, attic],
		[attic, desk],
	] as const) {
		const { stdout } = await machine.call("machines");
		expect(stdout).toMatch(new RegExp(`^\\*? +${machine.name} \\(this machine\\) +yes `, "m"));
		expect(stdout).toMatch(new RegExp(`^\\*? +${other.name} +yes `, "m"));
		expect(stdout).toMatch(new RegExp(`^\\* +${host}\\b.*host since`, "m"));
	}
});

test("a batch is safe on both when it is answered for, both work on it, and either tells the same of it", async () => {
	const [here, there] = [clientOf(desk), clientOf(attic)];
	const file = await here.files.create({
		file: await toFile(Buffer.from(questions("shared", 400)), "shared.jsonl"),
		purpose: "batch",
	});
	const wish = { input_file_id: file.id, endpoint: "/v1/chat/completions", completion_window: "24h" } as const;
	const { data: made, response } = await here.batches.create(wish).withResponse();
	expect(response.headers.get("x-nightshift-durability")).toBe("2");
	await Promise.all([desk, attic].map((machine) => untilBatchOf(machine, made.id, hasEnded)));
	const [one, other] = await Promise.all([here, there].map((client) => client.batches.retrieve(made.id)));
	expect(one).toMatchObject({ status: "completed", request_counts: { total: 400, completed: 400, failed: 0 } });
	expect(other).toMatchObject({ status: "completed", request_counts: one?.request_counts });
	expect(other?.output_file_id).toBe(one?.output_file_id);
	const outputId = one?.output_file_id ?? "";
	const [output, same] = await Promise.all(
		[here, there].map(async (client) => (await client.files.content(outputId)).text()),
	);
	expect(same).toBe(output);
	expect(idsOf(output ?? "")).toEqual(idsOf(questions("shared", 400)));
	expect((await attic.call("results", made.id)).stdout).toBe(output);
	const told = await attic.call("results", made.id, "--provenance");
	const workers = new Set(
		told.stdout
			.trimEnd()
			.split("\n")
			.map((line) => JSON.parse(line).machine),
	);
	expect(workers).toEqual(new Set(["desk", "attic"]));
});

test("a batch is cancelled on the machine that did not make it, and ends the same on both", async () => {
	const submitted = await desk.call("submit", fileOf(desk, "many", 20_000));
	const id = submitted.stdout.trim();
	expect(submitted.stderr).toContain("Safe on 2 machines.");
	const isUnderWay = (batch: BatchDetails) => batch.request_counts.completed > 0;
	await untilBatchOf(attic, id, isUnderWay);
	const cancelled = await clientOf(attic).batches.cancel(id);
	expect(["cancelling", "cancelled"]).toContain(cancelled.status);
	const [one, other] = await Promise.all([desk, attic].map((machine) => untilBatchOf(machine, id, hasEnded)));
	expect(one).toMatchObject({ status: "cancelled", request_counts: { total: 20_000 } });
	expect(one?.request_counts.completed).toBeGreaterThan(0);
	expect(one?.request_counts.completed).toBeLessThan(20_000);
	for (const field of ["status", "output_file_id", "error_file_id", "request_counts"] as const) {
		expect(other?.[field]).toEqual(one?.[field]);
	}
	expect((await attic.call("results", id)).stdout).toBe((await desk.call("results", id)).stdout);
});

test("a machine that may not work on a batch does no line of it", async () => {
	const submitted = await desk.call("submit", fileOf(desk, "apart", 60), "--not", "attic");
	expect(submitted, submitted.stderr).toMatchObject({ exitCode: 0 });
	const id = submitted.stdout.trim();
	await untilBatchOf(attic, id, hasEnded);
	expect(linesBegun(attic, id)).toBe(0);
	expect(linesBegun(desk, id)).toBe(60);
	expect((await desk.call("batches")).stdout).toMatch(new RegExp(`^${id} +done\\S* +60 of 60`, "m"));
});

test("work that only another machine does is told where it was asked for, and machines are chosen anew meanwhile", async () => {
	const submitted = await desk.call("submit", fileOf(desk, "elsewhere", 10_000), "--not", "desk");
	const id = submitted.stdout.trim();
	const told = new RegExp(`^ +${id}: in_progress, .* lines/s, .* left, attic works on it, in hand: attic`, "m");
	await expect.poll(async () => (await desk.call("status")).stdout, { timeout: 120_000 }).toMatch(told);
	expect(linesBegun(desk, id)).toBe(0);
	expect(await desk.call("machines", "use", id, "--not", "attic")).toMatchObject({
		exitCode: 0,
		stdout: `All machines but attic may work on ${id} from now on.\n`,
	});
	await until(() => linesBegun(desk, id) > 0);
	expect(await attic.call("cancel", id)).toMatchObject({ exitCode: 0 });
	await Promise.all([desk, attic].map((machine) => untilBatchOf(machine, id, hasEnded)));
});

test("the host hands over when it is told to, and both know why", async () => {
	const before = await untilTogether([desk, attic]);
	const next = before === "desk" ? "attic" : "desk";
	expect(await desk.call("machines", "host", next)).toMatchObject({ exitCode: 0, stdout: `${next} is host now.\n` });
	for (const machine of [desk, attic]) {
		await untilMesh(machine, (view) => hostOf(view)?.name === next && view.host?.why === "hand-over");
		expect((await machine.call("machines")).stdout).toMatch(
			new RegExp(`^\\* +${next}\\b.*host since .*: it was asked to`, "m"),
		);
	}
});

test("a machine killed in the middle of a batch costs no line, and has everything once it is back", async () => {
	const submitted = await desk.call("submit", fileOf(desk, "killed", 3_000));
	const id = submitted.stdout.trim();
	await until(() => linesBegun(attic, id) > 20);
	await attic.kill();
	const ended = await untilBatchOf(desk, id, hasEnded);
	expect(ended).toMatchObject({ status: "completed", request_counts: { completed: 3_000, failed: 0 } });
	const { stdout } = await desk.call("results", id);
	expect(idsOf(stdout)).toEqual(idsOf(questions("killed", 3_000)));
	await attic.start();
	const there = await untilBatchOf(attic, id, hasEnded);
	expect(there.output_file_id).toBe(ended.output_file_id);
	expect((await attic.call("results", id)).stdout).toBe(stdout);
});

test("without the other machine a batch is answered for alone, which is said; and it is done", async () => {
	await attic.stop();
	const submitted = await desk.call("submit", fileOf(desk, "alone", 20));
	expect(submitted.stderr).toContain("1 copy: no other machine is reachable.");
	const ended = await untilBatchOf(desk, submitted.stdout.trim(), hasEnded);
	expect(ended).toMatchObject({ status: "completed", durability: { level: 1, reason: "alone" } });
	expect(named(await desk.mesh(), "attic").is_online).toBe(false);
});

test("after both were restarted everything is still there, and what one did alone is safe on two", async () => {
	const before = await clientOf(desk).batches.list();
	await desk.stop();
	await Promise.all([desk.start(), attic.start()]);
	await untilTogether([desk, attic]);
	for (const machine of [desk, attic]) {
		for (const { id, output_file_id } of before.data) {
			const there = await untilBatchOf(machine, id, ({ durability }) => durability.level === 2);
			expect(there.output_file_id).toBe(output_file_id);
		}
	}
	const texts = await Promise.all(
		[desk, attic].map(async (machine) => {
			const files = before.data.flatMap(({ output_file_id }) => output_file_id ?? []);
			return Promise.all(files.map(async (file) => (await clientOf(machine).files.content(file)).text()));
		}),
	);
	expect(texts[1]).toEqual(texts[0]);
});

test("a token lets one more machine in, once", async () => {
	const shed = await machines.make("shed");
	const { stdout: token, stderr } = await desk.call("pair", "--token");
	expect(stderr).toContain("It lets one machine in, once, until ");
	const joined = await shed.call("pair", "--join", token.trim());
	expect(joined, joined.stderr).toMatchObject({ exitCode: 0 });
	await untilTogether([desk, attic, shed]);
	const late = await machines.make("late");
	const refused = await late.call("pair", "--join", token.trim());
	expect(refused, refused.stderr).toMatchObject({ exitCode: 2, stdout: "" });
	expect(refused.stderr).toContain("lets nobody in right now");
	await late.stop();
	expect(await shed.call("machines", "remove", "shed", "--yes")).toMatchObject({
		exitCode: 0,
		stdout: "This machine works by itself now.\n",
	});
	await untilTogether([desk, attic]);
	await shed.stop();
});

test("a removed machine works by itself, and comes back only when it is paired anew, as another one", async () => {
	const before = named(await desk.mesh(), "attic");
	expect(await desk.call("machines", "remove", "attic", "--yes")).toMatchObject({
		exitCode: 0,
		stdout: "attic is removed.\n",
	});
	await untilMesh(desk, ({ machines: left }) => left.length === 1);
	await untilMesh(attic, ({ is_on: isOn }) => !isOn);
	const alone = await attic.call("submit", fileOf(attic, "parted", 20));
	expect(alone, alone.stderr).toMatchObject({ exitCode: 0 });
	const id = alone.stdout.trim();
	expect(await untilBatchOf(attic, id, hasEnded)).toMatchObject({
		status: "completed",
		durability: { level: 1, reason: "only-member" },
	});
	await attic.call("machines", "on");
	await untilMesh(attic, ({ is_on: isOn, self }) => isOn && self !== null);
	expect((await attic.mesh()).machines.map(({ name }) => name)).toEqual(["attic"]);
	expect((await desk.mesh()).machines.map(({ name }) => name)).toEqual(["desk"]);
	const asked = await desk.client.call(`/api/batches/${id}`, batchDetailsSchema);
	expect(asked).toMatchObject({ ok: false, error: { status: 404 } });
	const { joined } = await pair(desk, attic);
	expect(joined, joined.output).toMatchObject({ exitCode: 0 });
	await untilTogether([desk, attic]);
	const isAnother = named(await desk.mesh(), "attic").id !== before.id;
	expect(isAnother).toBe(true);
	await untilBatchOf(desk, id, hasEnded);
});
