/** Connections to members for their blobs: kept for the next one, and few to each. */
import { Agent, type IncomingMessage, request } from "node:http";
import type { Connection } from "../../door/door.ts";
import type { DeviceId } from "../../identity/identity.ts";
import { MOST_HEAD_BYTES } from "../limits.ts";

/** To one member: three fill a gigabit, as two do (`reference/mesh.md` 2.4), also while one of them begins or ends. */
const MOST_CONNECTIONS = 3;
/** Kept for the next blob, less long than the other side keeps its end (`idleMs`), so that it is not closed as it is used. */
const KEPT_MS = 10_000;

/** The answer of a member, of which nothing but the head was read. Call `end` once, whatever came of it. */
export interface HolderAnswer {
	readonly response: IncomingMessage;
	/** Lets the connection serve the next: kept where the answer was read to its end, else closed. */
	end(): void;
}

/** Members as sources of bytes. */
export interface Holders {
	/** Asks a member for a blob from `start`. Null: it could not be asked, or answered nothing in time. */
	ask(deviceId: DeviceId, digest: string, start: number): Promise<HolderAnswer | null>;
	stop(): void;
}

/** What holders are made of. */
export interface HoldersDeps {
	/** Until an answer has begun. */
	readonly answerMs: number;
	/** Dials a member, at whatever addresses there are, and says what for. Null: it is not reached. */
	connect(deviceId: DeviceId): Promise<Connection | null>;
}

/** A connection, with an agent of its own that keeps it: Node's pool can't wait for one that is still being dialled. */
interface Pooled {
	readonly connection: Connection;
	readonly agent: Agent;
}

/** Connections to one member. */
interface Pool {
	/** Dialled and being dialled. */
	count: number;
	readonly idle: Set<Pooled>;
	/** Who wants one; as many as blobs are fetched at once. */
	readonly waiting: (() => void)[];
}

/** No connections yet. */
export function createHolders(deps: HoldersDeps): Holders {
	const pools = new Map<DeviceId, Pool>();
	let isStopped = false;

	async function take(deviceId: DeviceId): Promise<Pooled | null> {
		const pool = pools.get(deviceId) ?? { count: 0, idle: new Set(), waiting: [] };
		pools.set(deviceId, pool);
		while (!isStopped) {
			const [kept] = pool.idle;
			if (kept !== undefined) {
				pool.idle.delete(kept);
				return kept;
			}
			if (pool.count < MOST_CONNECTIONS) return dialOne(deviceId, pool);
			await new Promise<void>((resolve) => pool.waiting.push(resolve));
		}
		return null;
	}

	async function dialOne(deviceId: DeviceId, pool: Pool): Promise<Pooled | null> {
		pool.count += 1;
		const connection = await deps.connect(deviceId);
		const gone = (): void => {
			pool.count -= 1;
			pool.waiting.shift()?.();
			if (pool.count === 0 && pool.waiting.length === 0 && pools.get(deviceId) === pool) pools.delete(deviceId);
		};
		if (connection === null || connection.socket.destroyed || isStopped) {
			connection?.socket.destroy();
			gone();
			return null;
		}
		const agent = new Agent({ keepAlive: true, maxSockets: 1 });
		agent.createConnection = () => connection.socket;
		const pooled = { connection, agent };
		connection.socket.once("close", () => {
			pool.idle.delete(pooled);
			agent.destroy();
			gone();
		});
		return pooled;
	}

	function giveBack(deviceId: DeviceId, pooled: Pooled): void {
		const { socket } = pooled.connection;
		const pool = pools.get(deviceId);
		if (socket.destroyed || pool === undefined || isStopped) return void socket.destroy();
		pool.idle.add(pooled);
		setTimeout(() => {
			if (pool.idle.has(pooled)) socket.destroy();
		}, KEPT_MS).unref();
		pool.waiting.shift()?.();
	}

	return {
		async ask(deviceId, digest, start) {
			const pooled = await take(deviceId);
			if (pooled === null) return null;
			const response = await askOver(pooled, `/blobs/${digest}`, start, deps.answerMs);
			if (response === null) {
				pooled.connection.socket.destroy();
				return null;
			}
			return {
				response,
				end() {
					if (!response.complete) return void pooled.connection.socket.destroy();
					// In the next turn the agent has taken it back.
					response.resume();
					setImmediate(() => giveBack(deviceId, pooled));
				},
			};
		},
		stop() {
			isStopped = true;
			for (const pool of pools.values()) {
				for (const wake of pool.waiting.splice(0)) wake();
				for (const { connection } of [...pool.idle]) connection.socket.destroy();
			}
		},
	};
}

function askOver(pooled: Pooled, path: string, start: number, withinMs: number): Promise<IncomingMessage | null> {
	return new Promise((resolve) => {
		const asking = request({
			agent: pooled.agent,
			host: "mesh",
			path,
			headers: { Range: `bytes=${start}-` },
			maxHeaderSize: MOST_HEAD_BYTES,
		});
		const timer = setTimeout(() => asking.destroy(), withinMs);
		asking.once("response", (response) => {
			clearTimeout(timer);
			resolve(response);
		});
		// Also while the answer is read: it ends too early then, and its reader sees to that.
		asking.on("error", () => {});
		asking.once("close", () => {
			clearTimeout(timer);
			resolve(null);
		});
		asking.end();
	});
}
