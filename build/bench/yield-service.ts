/**
 * The whole service as people run it, `nightshift serve` in a process of its own with a data folder of its own, for benches
 * that measure from outside. Must never share a process with the bench: who measures must not hold up who is measured.
 */
import { link, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import { z } from "zod";
import { err, ok, type Result } from "../../native/base/base.ts";
import { type SettingsPatch, type Status, statusSchema } from "../../native/contract/contract.ts";
import { locate } from "../../native/locations/locations.ts";
import { startLogged } from "./server-process.ts";

/** How the service is started. */
export interface BenchServiceOptions {
	/** Folder on the model's file system; the data folder is made in it. */
	readonly folder: string;
	readonly modelPath: string;
	/** Name the model gets here. */
	readonly modelName: string;
	readonly threads: number;
	readonly hasGpu: boolean;
	readonly settings: SettingsPatch;
	/** Beside this process's own. */
	readonly environment?: NodeJS.ProcessEnv;
	/** What the service prints and logs is kept here; what was there goes. */
	readonly logPath: string;
}

/** A running service. */
export interface BenchService {
	/** e.g. `http://127.0.0.1:40001`. */
	readonly url: string;
	/** The official client. */
	readonly client: OpenAI;
	/** Asks `/api`; the answer's text. */
	call(path: string, body: object): Promise<Result<string, string>>;
	status(): Promise<Result<Status, string>>;
	/** Kills it and removes its folder. */
	stop(): Promise<void>;
}

const cliPath = fileURLToPath(new URL("../../native/cli/main.ts", import.meta.url));
const serverFile = z.object({ port: z.int().min(1) });
/** Starting takes a second; a minute says that something is wrong. */
const startLimitMs = 60_000;
const startPollMs = 50;

/** Starts the service and waits until it answers; the error says where its own words are. */
export async function startBenchService(options: BenchServiceOptions): Promise<Result<BenchService, string>> {
	await mkdir(options.folder, { recursive: true });
	const dataDir = await mkdtemp(join(options.folder, "service-"));
	const locations = locate(dataDir);
	await mkdir(locations.modelsDir, { recursive: true });
	// A second name for half a gigabyte costs nothing and, unlike a symbolic link, needs no rights on Windows.
	await link(options.modelPath, join(locations.modelsDir, `${options.modelName}.gguf`));
	await writeFile(locations.settingsPath, JSON.stringify(options.settings));
	const globals = ["--data-dir", dataDir, ...(options.hasGpu ? [] : ["--no-gpu"])];
	const args = [cliPath, ...globals, "serve", "--port", "0", "--threads", String(options.threads)];
	const child = startLogged(process.execPath, args, options.logPath, options.environment);
	let hasEnded = false;
	void child.ended.then(() => {
		hasEnded = true;
	});
	const stop = async (): Promise<void> => {
		await child.kill();
		await rm(dataDir, { recursive: true, force: true });
	};
	for (let waitedMs = 0; waitedMs < startLimitMs && !hasEnded; waitedMs += startPollMs) {
		const port = await readPort(locations.serverPath);
		if (port !== null) {
			const token = (await readFile(locations.tokenPath, "utf8")).trim();
			const url = `http://127.0.0.1:${port}`;
			const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: token });
			return ok({
				url,
				client,
				call: (path, body) => callService(`${url}${path}`, token, body),
				status: () => readStatus(url, token),
				stop,
			});
		}
		await delay(startPollMs);
	}
	await stop();
	return err(`nightshift serve did not become ready; ${options.logPath} says why.`);
}

/** The port, once the server listens. */
async function readPort(path: string): Promise<number | null> {
	let text: string;
	try {
		text = await readFile(path, "utf8");
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
		throw error;
	}
	// It may be half written still: the next look finds it whole.
	return text.endsWith("}") ? serverFile.parse(JSON.parse(text)).port : null;
}

async function callService(url: string, token: string, body: object): Promise<Result<string, string>> {
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
	const text = await response.text();
	return response.ok ? ok(text) : err(`${url} answered ${response.status}: ${text}`);
}

async function readStatus(url: string, token: string): Promise<Result<Status, string>> {
	const response = await fetch(`${url}/api/status`, { headers: { authorization: `Bearer ${token}` } });
	const text = await response.text();
	if (!response.ok) return err(`/api/status answered ${response.status}: ${text}`);
	const status = statusSchema.safeParse(JSON.parse(text));
	return status.success
		? ok(status.data)
		: err(`/api/status is not what the contract says: ${z.prettifyError(status.error)}`);
}
