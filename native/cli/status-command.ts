import { readFileSync } from "node:fs";
import { z } from "zod";
import { err, errorCode, ok, type Result } from "../base/base.ts";
import { type Status, statusSchema } from "../contract/contract.ts";
import { type Locations, locate } from "../locations/locations.ts";
import { readServerToken } from "../settings/server-token.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";
import { describeStatus } from "./status-view.ts";

/** Options of `nightshift status`. */
export interface StatusOptions extends GlobalOptions {
	readonly json?: boolean;
}

/** A service that does not answer within this time hangs: it answers out of its memory. */
const ANSWER_LIMIT_MS = 10_000;

const serverSchema = z.object({ port: z.int() });

/** Prints what the running service does, in words or as it answers. */
export async function statusCommand(options: StatusOptions): Promise<ExitCode> {
	const asked = await askStatus(locate(options.dataDir));
	if (!asked.ok) {
		process.stderr.write(`nightshift: ${asked.error}\n`);
		return exitCodes.broken;
	}
	process.stdout.write(options.json ? `${JSON.stringify(asked.value, null, 2)}\n` : describeStatus(asked.value));
	return exitCodes.done;
}

/** Asks the service that runs on a data folder. The failure is a sentence that says what to do. */
async function askStatus({ dataDir, serverPath, tokenPath }: Locations): Promise<Result<Status, string>> {
	const notRunning = `No service runs on ${dataDir}. Start it with 'nightshift serve'.`;
	const port = readPort(serverPath);
	if (port === null) return err(notRunning);
	let answer: Response;
	try {
		answer = await fetch(`http://127.0.0.1:${port}/api/status`, {
			headers: { authorization: `Bearer ${readServerToken(tokenPath) ?? ""}` },
			signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
		});
	} catch (error) {
		// What undici throws when nobody listens; a service that was killed leaves its file behind.
		if (error instanceof TypeError) return err(notRunning);
		if (error instanceof DOMException)
			return err(`The service on port ${port} does not answer. Stop it and start it again.`);
		throw error;
	}
	if (answer.status === 401 || answer.status === 403) {
		return err(`What answers on port ${port} is not the service of ${dataDir}, or belongs to another user.`);
	}
	const status = statusSchema.safeParse(await readJson(answer));
	if (status.success) return ok(status.data);
	return err(`What answers on port ${port} is no Nightshift of this version. Start 'nightshift serve' again.`);
}

function readPort(serverPath: string): number | null {
	let text: string;
	try {
		text = readFileSync(serverPath, "utf8");
	} catch (error) {
		if (errorCode(error) === "") throw error;
		return null;
	}
	return serverSchema.safeParse(parseJson(text)).data?.port ?? null;
}

async function readJson(answer: Response): Promise<unknown> {
	return parseJson(await answer.text());
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}
