/**
 * The real service in a process of its own, and a link to it that says only what rooms need to be tried: questions over HTTP, and what
 * it tells over its stream. How a shell starts, watches and ends its service is another room's; here it is simply killed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import {
	batchesEventSchema,
	errorEnvelopeSchema,
	noticeSchema,
	settingsEventSchema,
} from "../../native/contract/contract.ts";
import type { Answer, Call } from "../service/link.ts";
import { createFakeLink, type FakeLink } from "./fake-link.ts";
import { settingsWith } from "./sample-state.ts";

/** A service of a test's own. */
export interface RealService {
	/** State, notices and answers are the service's. */
	readonly link: FakeLink;
	/** An empty folder for files. */
	readonly folder: string;
	remove(): Promise<void>;
}

const main = fileURLToPath(new URL("../../native/cli/main.ts", import.meta.url));
/** A busy computer loads the program in a few seconds. */
const START_LIMIT_MS = 30_000;

/** Starts one that works whatever this computer does, and follows it. */
export async function startRealService(): Promise<RealService> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-shell-"));
	const dataDir = join(folder, "data");
	mkdirSync(dataDir);
	const limits = { othersCpuPercent: null, leastFreeMemoryPercent: null, temperatureCelsius: null };
	writeFileSync(join(dataDir, "settings.json"), JSON.stringify({ schedule: { mode: "always" }, limits }));
	const child = spawn(process.execPath, [main, "--data-dir", dataDir, "--no-gpu", "serve", "--port", "0"], {
		stdio: "ignore",
	});
	const ended = once(child, "exit");
	const gone = new AbortController();
	const serverPath = join(dataDir, "server.json");
	for (let waitedMs = 0; !existsSync(serverPath); waitedMs += 50) {
		if (waitedMs > START_LIMIT_MS || child.exitCode !== null) throw new Error("The service did not start.");
		await setTimeout(50);
	}
	const { port } = z.object({ port: z.int() }).parse(JSON.parse(readFileSync(serverPath, "utf8")));
	const token = readFileSync(join(dataDir, "server-token"), "utf8").trim();
	const url = `http://127.0.0.1:${port}`;
	const link = createFakeLink({ service: { kind: "up", url, version: "test" }, settings: settingsWith() });
	link.call = (question) => ask(url, token, question);
	const following = follow(url, token, link, gone.signal).catch(() => undefined);
	return {
		link,
		folder,
		async remove() {
			gone.abort();
			child.kill("SIGKILL");
			await Promise.all([ended, following]);
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

async function ask<Value>(url: string, token: string, question: Call<Value>): Promise<Answer<Value>> {
	const { method, path, body, answers } = question;
	const answer = await fetch(`${url}${path}`, {
		method,
		headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const text = await answer.text();
	const value: unknown = text === "" ? null : JSON.parse(text);
	if (answer.ok) return { ok: true, value: answers.parse(value) };
	const { message } = errorEnvelopeSchema.parse(value).error;
	return { ok: false, error: { kind: "refused", message, status: answer.status } };
}

/** Takes what the stream tells into the link's state. */
async function follow(url: string, token: string, link: FakeLink, signal: AbortSignal): Promise<void> {
	const headers = { authorization: `Bearer ${token}` };
	const answer = await fetch(`${url}/api/events?topics=all&after=0`, { headers, signal });
	let text = "";
	for await (const piece of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
		text += piece;
		const blocks = text.split("\n\n");
		text = blocks.pop() ?? "";
		for (const block of blocks) take(link, block);
	}
}

function take(link: FakeLink, block: string): void {
	const event = /^event: (.*)$/m.exec(block)?.[1];
	const data: unknown = JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null");
	if (event === "notice") link.notice(noticeSchema.parse(data));
	if (event === "settings") link.become({ settings: settingsEventSchema.parse(data) });
	if (event !== "batches") return;
	const { changed, gone } = batchesEventSchema.parse(data);
	const batches = new Map([...link.state.batches, ...changed.map((batch) => [batch.id, batch] as const)]);
	for (const id of gone) batches.delete(id);
	link.become({ batches });
}
