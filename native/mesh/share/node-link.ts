/** The service's end of the line to the mesh's thread: starts it, asks it, hears it. */
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { err, ok, type Result } from "../../base/base.ts";
import type { MeshFault } from "../mesh.ts";
import type { FromNode, QuestionKind, Questions, ToNode } from "../node/messages.ts";

/** A line to a thread. */
export interface NodeLink {
	post(message: ToNode): void;
	ask<Kind extends QuestionKind>(
		question: Kind,
		asked: Questions[Kind]["asked"],
	): Promise<Result<Questions[Kind]["answered"], MeshFault>>;
	/** Ends the thread, after it said goodbye if it can. */
	stop(): Promise<void>;
}

/** What is heard of a thread. */
export interface NodeListener {
	onMessage(message: Exclude<FromNode, { kind: "answer" | "refusal" }>): void;
	/** It ended, and not because it was stopped. Called once; nothing comes after it. */
	onExit(reason: string): void;
}

/** A goodbye takes half a second; a thread that hangs is not waited for longer. */
const STOP_MS = 2_000;

/** The entry of the thread, in the form this file itself has: source or compiled. */
function threadEntry(): string {
	const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
	return fileURLToPath(new URL(`../node/thread.${extension}`, import.meta.url));
}

/** Starts the thread. */
export function startThread(listener: NodeListener): NodeLink {
	const worker = new Worker(threadEntry(), { execArgv: [] });
	const questions = new Map<number, (result: Result<unknown, MeshFault>) => void>();
	let count = 0;
	let isOver = false;

	function end(reason: string): void {
		if (isOver) return;
		isOver = true;
		for (const settle of questions.values()) settle(err(gone));
		questions.clear();
		listener.onExit(reason);
	}

	worker.on("message", (message: FromNode) => {
		if (message.kind === "answer" || message.kind === "refusal") {
			questions.get(message.id)?.(message.kind === "answer" ? ok(message.answered) : err(message.fault));
			questions.delete(message.id);
		} else if (!isOver) listener.onMessage(message);
	});
	worker.on("error", (error) => end(error.message));
	worker.on("exit", (code) => end(`It ended with code ${code}.`));

	function post(message: ToNode): void {
		if (!isOver) worker.postMessage(message);
	}

	function ask(question: QuestionKind, asked: unknown): Promise<Result<unknown, MeshFault>> {
		if (isOver) return Promise.resolve(err(gone));
		count += 1;
		const id = count;
		return new Promise((resolve) => {
			questions.set(id, resolve);
			worker.postMessage({ kind: "ask", id, question, asked });
		});
	}

	return {
		post,
		// The thread answers each question with what `Questions` says; both ends are built together.
		ask: ask as NodeLink["ask"],
		async stop() {
			const said = ask("stop", null);
			isOver = true;
			const timer = Promise.withResolvers<void>();
			const timeout = setTimeout(timer.resolve, STOP_MS);
			await Promise.race([said, timer.promise]);
			clearTimeout(timeout);
			await worker.terminate();
		},
	};
}

const gone: MeshFault = {
	kind: "wrong-state",
	message: "The part of Nightshift that talks to other machines has just ended. It comes back by itself; try again.",
};
