/**
 * The machines of a trial: the real service, from source and without a GPU, each in a network namespace and with a data folder of its
 * own. Owns their processes; must never know what is tried.
 */
import { type ChildProcess, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type MeshView, meshViewSchema } from "../../native/contract/contract.ts";
import { locate } from "../../native/locations/locations.ts";
import { createNetwork, type NetworkWorld } from "../../native/mesh/testing/netns.ts";
import { type Answer, type Ask, startAsking } from "./asking.ts";

/** The one network there is. */
export const LAN = "lan";

/** Each has its own, so all can have the same. */
const API_PORT = 22_007;

/** Small computers: five engines on two cores, each of which would otherwise wait for its threads by spinning. */
const ENGINE = ["--threads", "1", "--lanes", "4"];

/** A request that takes longer counts as not answered; a machine that stands still holds nobody up. */
const ASK_MS = 5_000;

/** A service from source is there after two seconds; five at once on two busy cores take many times that. */
const SERVING_MS = 120_000;

const POLL_MS = 100;

const cliPath = fileURLToPath(new URL("../../native/cli/main.ts", import.meta.url));

/** A request to a machine. */
export interface Request {
	readonly method?: string;
	readonly path: string;
	/** Sent as JSON. */
	readonly json?: object;
	/** Sent as it is, with its type. */
	readonly text?: { readonly type: string; readonly body: string };
	/** Milliseconds. */
	readonly timeoutMs?: number;
}

/** A machine of a trial. */
export interface Machine {
	readonly name: string;
	readonly dataDir: string;
	/** Its service has been started and has not ended. */
	readonly isUp: boolean;
	/** Starts the service; resolves once it answers. */
	start(): Promise<void>;
	/** Kills the service and its inference process, as a power cut would. */
	kill(): Promise<void>;
	/** All its processes stand still, or go on. */
	signal(signal: "SIGSTOP" | "SIGCONT"): void;
	/** Null: no answer. */
	ask(request: Request): Promise<Answer | null>;
	/** Null: no answer. */
	mesh(): Promise<MeshView | null>;
}

/** What happens to services. */
export interface MachineWatcher {
	started(machine: string): void;
	serving(machine: string): void;
	/** `isOurs`: it was killed by `kill`. */
	ended(machine: string, isOurs: boolean, how: string): void;
}

/** Machines on one network. */
export interface Machines extends AsyncDisposable {
	readonly world: NetworkWorld;
	readonly all: readonly Machine[];
}

/** Makes the network and the machines, none of which runs; what they keep goes into folders below `folder`. */
export async function createMachines(
	names: readonly string[],
	folder: string,
	watcher: MachineWatcher,
): Promise<Machines> {
	const nodes = Object.fromEntries(names.map((name) => [name, [LAN]]));
	const world = await createNetwork({ networks: [LAN], nodes });
	const all = names.map((name) => new Service(name, join(folder, name), world, watcher));
	return {
		world,
		all,
		async [Symbol.asyncDispose]() {
			await Promise.all(all.map((machine) => machine.kill()));
			await world[Symbol.asyncDispose]();
		},
	};
}

class Service implements Machine {
	readonly name: string;
	readonly dataDir: string;
	readonly #world: NetworkWorld;
	readonly #watcher: MachineWatcher;
	readonly #ask: Ask;
	#child: ChildProcess | null = null;
	#isKilled = false;

	constructor(name: string, dataDir: string, world: NetworkWorld, watcher: MachineWatcher) {
		this.name = name;
		this.dataDir = dataDir;
		this.#world = world;
		this.#watcher = watcher;
		this.#ask = startAsking(world, name);
		mkdirSync(dataDir, { recursive: true });
		// Batch work runs whatever this computer does: the others of the trial keep its processor busy.
		const limits = { othersCpuPercent: null, leastFreeMemoryPercent: null, temperatureCelsius: null };
		const settings = { schedule: { mode: "always" }, limits, mesh: { isOn: true, name } };
		writeFileSync(locate(dataDir).settingsPath, JSON.stringify(settings));
	}

	get isUp(): boolean {
		return this.#child !== null;
	}

	async start(): Promise<void> {
		const options = ["--data-dir", this.dataDir, "--log-level", "debug", "--no-gpu"];
		const child = this.#world.spawn(this.name, [cliPath, ...options, "serve", "--port", String(API_PORT), ...ENGINE]);
		this.#child = child;
		this.#isKilled = false;
		this.#watcher.started(this.name);
		let lastWords = "";
		const listen = (data: Buffer): void => {
			lastWords = `${lastWords}${data}`.slice(-2_000);
		};
		child.stdout?.on("data", listen);
		child.stderr?.on("data", listen);
		child.once("exit", (code, signal) => {
			this.#child = null;
			const how = this.#isKilled ? "killed" : `${signal ?? code}: ${lastWords}`;
			this.#watcher.ended(this.name, this.#isKilled, how);
		});
		await until(`${this.name} serves`, SERVING_MS, async () => !this.isUp || (await this.mesh()) !== null);
		if (this.isUp) this.#watcher.serving(this.name);
	}

	async kill(): Promise<void> {
		const child = this.#child;
		if (child === null) return;
		this.#isKilled = true;
		const isGone = once(child, "exit");
		for (const processId of this.#processes()) end(processId, "SIGKILL");
		await isGone;
	}

	signal(signal: "SIGSTOP" | "SIGCONT"): void {
		for (const processId of this.#processes()) end(processId, signal);
	}

	async ask({ method = "GET", path, json, text, timeoutMs = ASK_MS }: Request): Promise<Answer | null> {
		const { tokenPath } = locate(this.dataDir);
		if (!existsSync(tokenPath)) return null;
		const type = text?.type ?? "application/json";
		const headers = { authorization: `Bearer ${readFileSync(tokenPath, "utf8").trim()}`, "content-type": type };
		const body = text?.body ?? (json === undefined ? null : JSON.stringify(json));
		return this.#ask({ url: `http://127.0.0.1:${API_PORT}${path}`, method, headers, body, timeoutMs });
	}

	async mesh(): Promise<MeshView | null> {
		const answer = await this.ask({ path: "/api/mesh" });
		return answer?.http === 200 ? meshViewSchema.parse(JSON.parse(answer.text)) : null;
	}

	/** The service last: its inference process would be gone before it is asked for. */
	#processes(): readonly number[] {
		const service = this.#child?.pid;
		return service === undefined ? [] : [...childrenOf(service), service];
	}
}

/** Waits until a condition holds. Throws with what was waited for after so long. */
export async function until(what: string, timeoutMs: number, condition: () => Promise<boolean>): Promise<void> {
	const deadlineMs = performance.now() + timeoutMs;
	while (!(await condition())) {
		if (performance.now() > deadlineMs) throw new Error(`Waited ${timeoutMs / 1_000} s in vain until ${what}.`);
		await pause(POLL_MS);
	}
}

function childrenOf(processId: number): readonly number[] {
	try {
		return execFileSync("pgrep", ["-P", String(processId)], { encoding: "utf8" })
			.trim()
			.split("\n")
			.map(Number);
	} catch {
		// pgrep answers 1 when there are none.
		return [];
	}
}

function end(processId: number, signal: NodeJS.Signals): void {
	try {
		process.kill(processId, signal);
	} catch {
		// It ended by itself meanwhile.
	}
}
