import { hostname } from "node:os";
import { setTimeout } from "node:timers/promises";
import { systemClock } from "../base/base.ts";
import {
	joinedSchema,
	type MeshView,
	meshViewSchema,
	type PairingCode,
	type PairingJoin,
	pairingTokenSchema,
	pairingViewSchema,
} from "../contract/contract.ts";
import { askLine } from "./ask.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import { formatTime } from "./format-time.ts";
import type { GlobalOptions } from "./global-options.ts";
import { createLineView, type LineView } from "./line-view.ts";
import { describeCode, describeCount, harmless, tries } from "./machines-view.ts";
import type { ServiceClient } from "./service-client.ts";
import { onInterrupt } from "./start.ts";
import { reportClientFailure, withRunningService } from "./use-service.ts";

/** Options of `nightshift pair`. */
export interface PairOptions extends GlobalOptions {
	/** Address of a machine that shows a code. */
	readonly with?: string;
	readonly token?: boolean;
	/** A token that another machine made. */
	readonly join?: string;
}

/** How often it is asked whether somebody came. */
const LOOK_MS = 500;
/** Off a terminal a line is printed this often: a code counts for two minutes. */
const PLAIN_EVERY_MS = 30_000;
/** A code that was used is gone a moment before the machine is in the list. */
const LOOKS_AFTER_CODE = 6;
/** Two handshakes and a proof over a slow network, and the other side gives up after as long. */
const JOIN_LIMIT_MS = 60_000;

/** Adds a machine: by a code shown here, by one shown there, or by a token. */
export async function pairCommand(options: PairOptions): Promise<ExitCode> {
	const ways = [options.with, options.token, options.join].filter((way) => way !== undefined);
	if (ways.length > 1) {
		process.stderr.write("nightshift: Give one of --with, --token and --join.\n");
		return exitCodes.badInput;
	}
	const interrupt = new AbortController();
	const stopWatching = onInterrupt(() => interrupt.abort());
	try {
		return await withRunningService(options, (client) => pair(client, options, interrupt));
	} catch (error) {
		if (!interrupt.signal.aborted) throw error;
		return exitCodes.interrupted;
	} finally {
		stopWatching();
	}
}

async function pair(client: ServiceClient, options: PairOptions, interrupt: AbortController): Promise<ExitCode> {
	if (options.token) return makeToken(client);
	if (options.join !== undefined) return join(client, { token: options.join });
	if (options.with === undefined) return showCode(client, interrupt.signal);
	const code = await askLine(`The code that ${options.with} shows: `, interrupt);
	if (code === null) return interrupt.signal.aborted ? exitCodes.interrupted : exitCodes.badInput;
	return join(client, { address: options.with, code });
}

async function join(client: ServiceClient, body: PairingJoin): Promise<ExitCode> {
	const joined = await client.call("/api/pairing/join", joinedSchema, { body, limitMs: JOIN_LIMIT_MS });
	if (!joined.ok) return reportClientFailure(joined.error);
	process.stdout.write(`This machine belongs to ${harmless(joined.value.name)} and its machines now.\n`);
	return exitCodes.done;
}

async function makeToken(client: ServiceClient): Promise<ExitCode> {
	const made = await client.call("/api/pairing/tokens", pairingTokenSchema, { body: {} });
	if (!made.ok) return reportClientFailure(made.error);
	process.stdout.write(`${made.value.token}\n`);
	const until = formatTime(made.value.expires_at);
	process.stderr.write(
		`It lets one machine in, once, until ${until}: 'nightshift pair --join TOKEN' there. Whoever has it can join; it is kept nowhere.\n`,
	);
	return exitCodes.done;
}

/** Shows a code until a machine has joined by it, or it is over. Ctrl-C takes it back. */
async function showCode(client: ServiceClient, signal: AbortSignal): Promise<ExitCode> {
	const before = await client.call("/api/mesh", meshViewSchema);
	if (!before.ok) return reportClientFailure(before.error);
	const shown = await client.call("/api/pairing", pairingViewSchema, { method: "POST" });
	if (!shown.ok) return reportClientFailure(shown.error);
	const { pairing } = shown.value;
	if (pairing === null) throw new Error("The service answered that it shows a code, and left it out");
	const line = createLineView(process.stderr, systemClock, PLAIN_EVERY_MS);
	process.stdout.write(`${pairing.code}\n`);
	try {
		return await untilJoined(client, before.value, { line, signal }, pairing);
	} finally {
		line.end();
		// Whatever ended the waiting, nobody looks at the code any more.
		await client.open("/api/pairing", { method: "DELETE" });
	}
}

async function untilJoined(
	client: ServiceClient,
	before: MeshView,
	{ line, signal }: { readonly line: LineView; readonly signal: AbortSignal },
	first: PairingCode,
): Promise<ExitCode> {
	const known = new Set(before.machines.map(({ id }) => id));
	let shown = first;
	let looksLeft = LOOKS_AFTER_CODE;
	for (let isFirst = true; ; isFirst = false) {
		const asked = await client.call("/api/mesh", meshViewSchema, { signal });
		if (!asked.ok) return reportClientFailure(asked.error);
		const { machines, port, pairing } = asked.value;
		if (isFirst) line.note(whereTo(port));
		const joined = machines.find(({ id, is_self: isSelf }) => !isSelf && !known.has(id));
		if (joined !== undefined) {
			line.note(`${harmless(joined.name)} has joined. ${describeCount(asked.value)}`);
			return exitCodes.done;
		}
		if (pairing !== null) {
			if (pairing.tries_left < shown.tries_left)
				line.note(`A wrong code was entered; ${tries(pairing.tries_left)} left.`);
			shown = pairing;
			line.update({ lead: "", plain: describeCode(shown, systemClock.nowMs()) }, false);
		} else if (looksLeft-- === 0) {
			line.note(`${whyOver(shown)} Nobody has joined; 'nightshift pair' shows another code.`);
			return exitCodes.broken;
		}
		await setTimeout(LOOK_MS, undefined, { signal });
	}
}

function whereTo(port: number | null): string {
	const address = port === null ? "ADDRESS" : `${hostname()}:${port}`;
	return `Enter it on the other machine: on its page under Machines, or with 'nightshift pair --with ${address}'.`;
}

function whyOver({ expires_at, tries_left }: PairingCode): string {
	if (systemClock.nowMs() >= expires_at * 1_000) return "The code's time is over.";
	return tries_left === 1 ? "Too many wrong codes were entered." : "The code was taken back.";
}
