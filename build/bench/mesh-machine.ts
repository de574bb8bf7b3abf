/** The bench's end of a machine of `mesh-node.ts`: starts it, asks it, ends it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { answerSchema, type NodeQuestion, type NodeWish } from "./mesh-node-words.ts";

/** A machine that stands. */
export interface Machine {
	readonly name: string;
	/** Rejects with what the machine says went wrong, or when it ended. */
	ask(question: Omit<NodeQuestion, "id">): Promise<unknown>;
	/** Ends it in good order. */
	stop(): Promise<void>;
}

/** Starts one in a folder of its own; resolves when it stands. */
export async function startMachine(wish: NodeWish): Promise<Machine> {
	mkdirSync(wish.dataDir, { recursive: true });
	const mesh = { isOn: true, name: wish.name, port: await freePort() };
	writeFileSync(`${wish.dataDir}/settings.json`, JSON.stringify({ mesh }));
	const entry = fileURLToPath(new URL("./mesh-node.ts", import.meta.url));
	const child = fork(entry, [JSON.stringify(wish)], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	const asked = new Map<number, PromiseWithResolvers<unknown>>();
	const stands = Promise.withResolvers<unknown>();
	asked.set(0, stands);
	let count = 0;

	child.on("message", (message) => {
		const { id, answered, failure } = answerSchema.parse(message);
		const waiting = asked.get(id);
		asked.delete(id);
		if (failure === undefined) waiting?.resolve(answered);
		else waiting?.reject(new Error(`${wish.name}: ${failure}`));
	});
	child.once("exit", (code) => {
		for (const waiting of asked.values()) waiting.reject(new Error(`${wish.name} ended with ${code}.`));
	});

	function ask(question: Omit<NodeQuestion, "id">): Promise<unknown> {
		count += 1;
		const waiting = Promise.withResolvers<unknown>();
		asked.set(count, waiting);
		child.send({ id: count, ...question });
		return waiting.promise;
	}

	await stands.promise;
	return {
		name: wish.name,
		ask,
		async stop() {
			await ask({ ask: "stop" });
			await ended(child);
		},
	};
}

function ended(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		child.once("exit", () => resolve());
		child.disconnect();
	});
}

/** A port that nobody has right now, so that several benches can run on one computer; where it is taken at once, the mesh takes another. */
async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	server.close();
	await once(server, "close");
	if (address === null || typeof address === "string") throw new Error("A TCP server has a port.");
	return address.port;
}
