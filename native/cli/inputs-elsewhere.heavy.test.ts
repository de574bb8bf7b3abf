import { createHash } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { CHUNK_SIZES, lineChunks } from "../ledger/chunker.ts";
import { locate } from "../locations/locations.ts";
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
} from "./machines-testing.ts";
import { lineAsking, lineStarts } from "./testing.ts";

/** Three machines, and inputs of many chunks: who has which of their bytes, and what is left when their maker is gone for good. */
const machines = makeMachines();
let all: readonly TestMachine[] = [];

const PADDING = " ".repeat(1_400_000);
const LINES = 48;

interface Chunk {
	readonly digest: string;
	readonly firstByte: number;
	readonly endByte: number;
}

/** Lines with blanks in them, so that a chunk holds a handful. */
function inputText(name: string): string {
	const line = (number: number) =>
		lineAsking(`${name}-${number}`, `Ticket ${number} of ${name}.`).replace("{", `{${PADDING}`);
	return `${Array.from({ length: LINES }, (_, index) => line(index)).join("\n")}\n`;
}

async function chunksOf(text: string): Promise<readonly Chunk[]> {
	const chunks: Chunk[] = [];
	const bytes = async function* () {
		yield Buffer.from(text);
	};
	for await (const chunk of lineChunks(bytes(), CHUNK_SIZES)) {
		const firstByte = chunks.at(-1)?.endByte ?? 0;
		const digest = createHash("sha256").update(chunk).digest("hex");
		chunks.push({ digest, firstByte, endByte: firstByte + chunk.length });
	}
	return chunks;
}

const has = ({ dataDir }: TestMachine, { digest }: Chunk): boolean =>
	existsSync(join(locate(dataDir).blobsDir, digest.slice(0, 2), digest));

async function submit(from: TestMachine, name: string) {
	const text = inputText(name);
	const path = join(from.dataDir, `${name}.jsonl`);
	writeFileSync(path, text);
	const submitted = await from.call("submit", path);
	expect(submitted, submitted.stderr).toMatchObject({ exitCode: 0 });
	expect(submitted.stderr).toContain("Safe on 2 machines.");
	return { id: submitted.stdout.trim(), text, chunks: await chunksOf(text) };
}

const idsOf = (jsonl: string): readonly string[] =>
	jsonl
		.trimEnd()
		.split("\n")
		.map((line) => z.object({ custom_id: z.string() }).parse(JSON.parse(line)).custom_id);

beforeAll(async () => {
	const made: TestMachine[] = [];
	for (const name of ["desk", "attic", "loft"]) made.push(await machines.make(name));
	const [desk, attic, loft] = made;
	if (desk === undefined || attic === undefined || loft === undefined) throw new Error("Three were made.");
	await pair(desk, attic);
	await pair(desk, loft);
	all = made;
	await untilTogether(all);
}, 240_000);
afterAll(() => machines.remove());

test("an input stands whole on a second machine when it is answered for; others have the parts that they work on", async () => {
	const [desk] = all;
	if (desk === undefined) throw new Error("There is one.");
	const { id, text, chunks } = await submit(desk, "large");
	expect(chunks.length).toBeGreaterThan(5);
	const keepers = all.filter((machine) => machine !== desk && chunks.every((chunk) => has(machine, chunk)));
	expect(keepers.length).toBeGreaterThan(0);
	await Promise.all(all.map((machine) => untilBatchOf(machine, id, hasEnded)));
	const host = hostOf(await desk.mesh())?.name;
	for (const machine of all) {
		if (machine === desk || keepers.includes(machine) || machine.name === host) continue;
		const started = lineStarts(machine.dataDir).filter(({ batch }) => batch === id);
		const lines = text.split("\n");
		const starts = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index).join("\n")) + (index === 0 ? 0 : 1));
		const needed = (chunk: Chunk) =>
			chunk.firstByte === 0 ||
			started.some(({ line }) => {
				const first = starts[line] ?? 0;
				return first < chunk.endByte && first + Buffer.byteLength(lines[line] ?? "") > chunk.firstByte;
			});
		for (const chunk of chunks) if (needed(chunk)) expect(has(machine, chunk)).toBe(true);
		const idle = chunks.filter((chunk) => !needed(chunk) && has(machine, chunk));
		// Lines of a slice that another took over may have been fetched for.
		expect(idle.length).toBeLessThan(chunks.length);
		const fileId = (await machine.batch(id)).input_file_id;
		const content = await fetch(`${machine.client.url}/v1/files/${fileId}/content`);
		expect(content.status).toBe(200);
		expect(await content.text()).toBe(text);
		for (const chunk of chunks) expect(has(machine, chunk)).toBe(true);
	}
}, 240_000);

test("a batch whose maker is gone right after it answered, not yet checked, is checked and done by the others", async () => {
	const host = await untilTogether(all);
	const maker = all.find(({ name }) => name !== host);
	if (maker === undefined) throw new Error("One of three is no host.");
	const others = all.filter((machine) => machine !== maker);
	// It rests, so that it can't check a file with its model.
	expect(await maker.call("pause")).toMatchObject({ exitCode: 0 });
	const { id } = await submit(maker, "orphan");
	await maker.kill();
	rmSync(maker.dataDir, { recursive: true, force: true });
	for (const machine of others) {
		expect((await machine.batch(id)).status).toBe("validating");
		await untilMesh(machine, (view) => !named(view, maker.name).is_online);
	}
	const ended = await Promise.all(others.map((machine) => untilBatchOf(machine, id, hasEnded)));
	for (const batch of ended) {
		expect(batch).toMatchObject({ status: "completed", request_counts: { completed: LINES, failed: 0 } });
		expect(batch.output_file_id).toBe(ended[0]?.output_file_id);
	}
	const output = await (others[0] ?? maker).call("results", id);
	expect(idsOf(output.stdout)).toEqual(Array.from({ length: LINES }, (_, index) => `orphan-${index}`));
}, 360_000);
