/**
 * Real machines of a mesh for tests: each a `nightshift serve` with a data folder and a name of its own, all on this computer. Must never
 * be imported by the product.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
	type BatchDetails,
	batchDetailsSchema,
	type MeshMachine,
	type MeshView,
	meshViewSchema,
} from "../contract/contract.ts";
import { locate } from "../locations/locations.ts";
import { type CalledCommand, callCommand } from "./call-testing.ts";
import { findService, type ServiceClient } from "./service-client.ts";
import { killLeftovers, type StartedCommand, startCommand, startServing, startTyping, until } from "./testing.ts";

/** One of them. */
export interface TestMachine {
	readonly name: string;
	readonly dataDir: string;
	/** `host:port` for the others. */
	readonly address: string;
	/** Asks its service; made anew with each start. */
	readonly client: ServiceClient;
	/** Runs a command that ends by itself, one at a time of all machines. */
	call(...args: readonly string[]): Promise<CalledCommand>;
	/** Starts a command that waits for others. */
	begin(...args: readonly string[]): StartedCommand;
	/** The same, with a line typed into it. */
	type(typed: string, ...args: readonly string[]): StartedCommand;
	mesh(): Promise<MeshView>;
	batch(id: string): Promise<BatchDetails>;
	/** Ends it in good order. */
	stop(): Promise<void>;
	/** Ends it at once, as a power cut does. */
	kill(): Promise<void>;
	start(): Promise<void>;
}

/** Machines of one test file. */
export interface TestMachines {
	/** Makes one that is not paired, and starts it. */
	make(name: string): Promise<TestMachine>;
	/** Kills all and removes their folders. */
	remove(): void;
}

/** How often others are asked how they stand. */
const LOOK_MS = 100;

/** Lanes and threads of each machine: several share this computer's processor, and the smallest computers have two. */
const SMALL = ["--lanes", "4", "--threads", "1"];

/** None yet. */
export function makeMachines(): TestMachines {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-machines-"));
	return {
		make: (name) => makeMachine(folder, name),
		remove() {
			killLeftovers();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

async function makeMachine(folder: string, name: string): Promise<TestMachine> {
	const dataDir = join(folder, name);
	const port = await freePort();
	mkdirSync(dataDir);
	writeFileSync(join(dataDir, "settings.json"), JSON.stringify({ mesh: { name, port } }));
	let running = await startServing(dataDir, folder, SMALL);

	async function end(signal: NodeJS.Signals): Promise<void> {
		running.process.kill(signal);
		await running.ended;
	}

	function client(): ServiceClient {
		const found = findService(locate(dataDir));
		if (found === null) throw new Error(running.output());
		return found;
	}

	return {
		name,
		dataDir,
		address: `127.0.0.1:${port}`,
		get client() {
			return client();
		},
		call: (...args) => callCommand(dataDir, ...args),
		begin: (...args) => startCommand(dataDir, args, folder),
		type: (typed, ...args) => startTyping(dataDir, args, { cwd: folder, typed }),
		async mesh() {
			const asked = await client().call("/api/mesh", meshViewSchema);
			if (!asked.ok) throw new Error(asked.error.message);
			return asked.value;
		},
		async batch(id) {
			const asked = await client().call(`/api/batches/${id}`, batchDetailsSchema);
			if (!asked.ok) throw new Error(asked.error.message);
			return asked.value;
		},
		stop: () => end("SIGTERM"),
		kill: () => end("SIGKILL"),
		async start() {
			running = await startServing(dataDir, folder, SMALL);
		},
	};
}

/** Pairs two as people do: the first shows a code, which is typed on the second. Answers what both commands printed. */
export async function pair(shows: TestMachine, joins: TestMachine) {
	const showing = shows.begin("pair");
	const typing = joins.type(await shownCode(showing), "pair", "--with", shows.address);
	const [showed, joined] = await Promise.all([showing.ended, typing.ended]);
	return { showed, joined };
}

/** The code that a running `nightshift pair` printed. */
export async function shownCode(showing: StartedCommand): Promise<string> {
	const code = /^\d{4} \d{4}$/m;
	const isShown = await until(
		() => code.test(showing.output()),
		() => showing.process.exitCode !== null,
	);
	const [found = ""] = code.exec(showing.output()) ?? [];
	if (!isShown) throw new Error(showing.output());
	return found;
}

/** Waits until a machine sees the mesh so; the test's own time limit ends it otherwise. */
export async function untilMesh(machine: TestMachine, isSo: (view: MeshView) => boolean): Promise<MeshView> {
	for (;;) {
		const view = await machine.mesh();
		if (isSo(view)) return view;
		await setTimeout(LOOK_MS);
	}
}

/** Waits until a machine knows a batch and sees it so; the test's own time limit ends it otherwise. */
export async function untilBatchOf(
	machine: TestMachine,
	id: string,
	isSo: (batch: BatchDetails) => boolean,
): Promise<BatchDetails> {
	for (;;) {
		const asked = await machine.client.call(`/api/batches/${id}`, batchDetailsSchema);
		if (!asked.ok && asked.error.status !== 404) throw new Error(asked.error.message);
		if (asked.ok && isSo(asked.value)) return asked.value;
		await setTimeout(LOOK_MS);
	}
}

/** Waits until each of them hears all others and takes the same one for the host; answers its name. */
export async function untilTogether(machines: readonly TestMachine[]): Promise<string> {
	const isTogether = (view: MeshView): boolean =>
		view.host !== null &&
		view.machines.length === machines.length &&
		view.machines.every(({ is_online }) => is_online) &&
		view.machines.some(({ is_host }) => is_host);
	for (;;) {
		const views = await Promise.all(machines.map((machine) => untilMesh(machine, isTogether)));
		const [host, ...others] = new Set(views.map((view) => hostOf(view)?.name));
		if (host !== undefined && others.length === 0) return host;
		await setTimeout(LOOK_MS);
	}
}

/** The machine that is host. */
export function hostOf({ machines }: MeshView): MeshMachine | undefined {
	return machines.find(({ is_host }) => is_host);
}

/** The machine of a name. */
export function named({ machines }: MeshView, name: string): MeshMachine {
	const found = machines.find((machine) => machine.name === name);
	if (found === undefined) throw new Error(`There is no machine ${name} among ${machines.map((one) => one.name)}`);
	return found;
}

/** Whether nothing more happens to a batch by itself. */
export function hasEnded({ status }: BatchDetails): boolean {
	return ["completed", "failed", "expired", "cancelled"].includes(status);
}

/** A port nobody listens on a moment ago: it is known before the machine starts, and the same after a restart. */
async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, resolve));
	const address = server.address();
	if (address === null || typeof address === "string") throw new Error("A server that listens has an address");
	await new Promise((resolve) => server.close(resolve));
	return address.port;
}
