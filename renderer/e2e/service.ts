/** The real service, for the page to talk to: `nightshift serve` on a folder of its own, killed and started again at will. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findService, type ServiceClient } from "../../native/cli/service-client.ts";
import { childrenOf, type StartedCommand, startCommand, until, workRegardless } from "../../native/cli/testing.ts";
import { fileObjectSchema, sessionCodeSchema } from "../../native/contract/contract.ts";
import { locate } from "../../native/locations/locations.ts";

/** A service of this test's own. */
export interface TestService {
	readonly dataDir: string;
	/** e.g. `http://127.0.0.1:40123`; the same after a restart. */
	readonly url: string;
	/** Asks it with the server's token, as our own tools do. */
	readonly client: ServiceClient;
	/** An address that signs a browser in, once. */
	signInAddress(): Promise<string>;
	/** Puts a file there as a program does; answers its id. */
	upload(name: string, content: string): Promise<string>;
	/** Has its inference processes crash, as by a fault of their own; the service goes on. Answers how many there were. */
	crashInference(): number;
	/** Ends it at once, as a power cut does. */
	kill(): Promise<void>;
	/** Starts it again on the same port. */
	start(): Promise<void>;
	/** Ends it and removes its folder. */
	remove(): Promise<void>;
}

/** Starts a service with the demo model and no GPU, on a free port; batch work runs whatever this computer does. */
export async function startService(): Promise<TestService> {
	const folder = mkdtempSync(join(tmpdir(), "nightshift-page-"));
	const dataDir = join(folder, "data");
	workRegardless(dataDir);
	let running = await serve(dataDir, folder, 0);
	const found = findService(locate(dataDir));
	if (found === null) throw new Error(running.output());
	const { url } = found;
	const port = Number(new URL(url).port);
	const client = () => {
		const present = findService(locate(dataDir));
		if (present === null) throw new Error(running.output());
		return present;
	};

	async function kill(): Promise<void> {
		running.process.kill("SIGKILL");
		await running.ended;
	}

	return {
		dataDir,
		url,
		get client() {
			return client();
		},
		async signInAddress() {
			const { code } = given(await client().call("/api/session/codes", sessionCodeSchema, { method: "POST" }));
			return `${url}/#code=${encodeURIComponent(code)}`;
		},
		async upload(name, content) {
			const form = new FormData();
			form.append("purpose", "batch");
			form.append("file", new File([content], name));
			return given(await client().call("/v1/files", fileObjectSchema, { body: form })).id;
		},
		crashInference() {
			const found = childrenOf(running.process.pid ?? 0);
			for (const pid of found) process.kill(pid, "SIGSEGV");
			return found.length;
		},
		kill,
		async start() {
			running = await serve(dataDir, folder, port);
		},
		async remove() {
			await kill();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** The value of an answer that has to be one. */
export function given<Value>(
	answer:
		| { readonly ok: true; readonly value: Value }
		| { readonly ok: false; readonly error: { readonly message: string } },
): Value {
	if (!answer.ok) throw new Error(answer.error.message);
	return answer.value;
}

async function serve(dataDir: string, folder: string, port: number): Promise<StartedCommand> {
	const service = startCommand(dataDir, ["serve", "--port", String(port)], folder);
	const isServing = await until(
		() => service.output().includes("Nightshift serves"),
		() => service.process.exitCode !== null,
	);
	if (!isServing || service.output().includes("is taken")) throw new Error(service.output());
	return service;
}
