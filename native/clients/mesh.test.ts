import { writeFileSync } from "node:fs";
import { join } from "node:path";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
	hasEnded,
	hostOf,
	makeMachines,
	named,
	pair,
	type TestMachine,
	untilBatchOf,
	untilMesh,
	untilTogether,
} from "../cli/machines-testing.ts";
import { lineAsking, lineStarts } from "../cli/testing.ts";

/**
 * Two machines as people have them, from pairing to parting: each test goes on where the one before ended, for pairs of services are dear.
 */
const machines = makeMachines();
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

const idsOf = (jsonl: string): readonly string[] =>
	jsonl
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line).custom_id);

beforeAll(async () => {
	desk = await machines.make("desk");
	attic = await machines.make("attic");
}, 120_000);
afterAll(() => machines.remove());

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
