/** Entry of the mesh's thread: the node at one end, messages to the service at the other. */
import { parentPort } from "node:worker_threads";
import { pino } from "pino";
import { systemClock } from "../../base/base.ts";
import type { Operation } from "../core/core.ts";
import type { FromNode, NodeStart, ToNode } from "./messages.ts";
import { type Node, startNode } from "./node.ts";

const port = parentPort;
if (port === null) throw new Error("The mesh's thread is started by the service.");

/** Messages that come before the node has begun. */
const early: ToNode[] = [];
const operations: Operation[] = [];
let start: NodeStart | null = null;
let node: Node | null = null;

function post(message: FromNode): void {
	port?.postMessage(message);
}

async function begin({ places, dropped }: Extract<ToNode, { kind: "logs-end" }>): Promise<void> {
	if (start === null) throw new Error("The mesh's thread was told of logs before it was started.");
	const log = pino({ level: start.logLevel }, pino.destination({ dest: start.logPath, sync: true }));
	const begun = await startNode({ start, operations, places, dropped, clock: systemClock, log, post });
	if (!begun.ok) return post({ kind: "failed", message: begun.error });
	node = begun.value;
	for (const message of early.splice(0)) node.receive(message);
}

port.on("message", (message: ToNode) => {
	if (node !== null) return node.receive(message);
	if (message.kind === "start") start = message.start;
	else if (message.kind === "logs") operations.push(...message.operations);
	else if (message.kind === "logs-end") void begin(message);
	else early.push(message);
});
