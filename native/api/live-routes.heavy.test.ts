import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createLiveRooms, demoModel, isIdle, type LiveRooms, longCompletion, ticketChat } from "./live-testing.ts";
import { startTestApi, type TestApi } from "./testing.ts";

let rooms: LiveRooms;
let api: TestApi;

beforeAll(async () => {
	rooms = createLiveRooms({ models: [demoModel] });
	api = await startTestApi({ rooms });
});
afterAll(async () => {
	await api.stop();
});

/** As many at a time as an unruly editor may have open. */
const SIDE_BY_SIDE = 10;
/** What the heap may gain for good; a leak of what a request holds, some 100 kB, gives 20 MB over 200 of them. */
const HEAP_GROWTH_BYTES = 8_000_000;
/** The same for the inference process, whose allocator keeps pages. */
const PROCESS_GROWTH_BYTES = 64_000_000;

/** Sends a request of 100 kB and cuts the connection at a random moment: while sending, waiting, reading. */
async function drop(index: number): Promise<void> {
	const body = JSON.stringify({ ...longCompletion, stream: index % 2 === 0, user: "x".repeat(100_000) });
	const socket = connect(api.port, "127.0.0.1");
	socket.on("error", () => socket.destroy());
	const head = `POST /v1/completions HTTP/1.1\r\nhost: 127.0.0.1:${api.port}\r\ncontent-length: ${body.length}\r\n\r\n`;
	const sent = index % 5 === 0 ? body.slice(0, randomInt(body.length)) : body;
	socket.write(head + sent);
	await sleep(randomInt(300));
	socket.destroy();
}

async function dropMany(howMany: number): Promise<void> {
	let next = 0;
	const one = async () => {
		while (next < howMany) await drop(next++);
	};
	await Promise.all(Array.from({ length: SIDE_BY_SIDE }, one));
	await vi.waitFor(async () => expect(await isIdle(rooms)).toBe(true), { timeout: 60_000, interval: 100 });
}

/** Bytes in use in this process once everything that can go is gone. */
function heapBytes(): number {
	setFlagsFromString("--expose-gc");
	const collect: unknown = runInNewContext("gc");
	if (typeof collect !== "function") throw new Error("No garbage collection");
	for (let round = 0; round < 4; round++) collect();
	return process.memoryUsage().heapUsed;
}

function processBytes(): number {
	const status = readFileSync(`/proc/${rooms.residency.models[0]?.processId}/status`, "utf8");
	return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024;
}

test.skipIf(process.platform !== "linux")(
	"200 dropped connections leave no lane, no memory and no frozen batch work behind",
	async () => {
		await dropMany(50);
		const before = { heap: heapBytes(), process: processBytes() };
		await dropMany(200);
		expect(heapBytes() - before.heap).toBeLessThan(HEAP_GROWTH_BYTES);
		expect(processBytes() - before.process).toBeLessThan(PROCESS_GROWTH_BYTES);
		expect(rooms.gateCalls.filter((call) => call === "open")).toHaveLength(rooms.gateCalls.length / 2);
		const next = await api.client.chat.completions.create({ ...ticketChat, stream: false });
		expect(next.choices[0]?.message.content).toBe("billing");
	},
	300_000,
);
