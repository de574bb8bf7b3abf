import { type Log, systemClock } from "../base/base.ts";
import { locate } from "../locations/locations.ts";
import { type ApiKeyFault, type ApiKeys, createApiKeys } from "../settings/api-keys.ts";
import { type ExitCode, exitCodes } from "./exit-codes.ts";
import type { GlobalOptions } from "./global-options.ts";

/**
 * Makes a key. The secret goes to stdout alone, so that a script can take it; what people need to know goes to stderr. A
 * running service sees the key by itself.
 */
export async function addKeyCommand(options: GlobalOptions, name: string): Promise<ExitCode> {
	const made = await openKeys(options).make(name);
	if (!made.ok) return reportFault(made.error);
	process.stdout.write(`${made.value.secret}\n`);
	process.stderr.write(`This key, ${made.value.key.id}, is shown only now. From now on programs need a key for /v1.\n`);
	return exitCodes.done;
}

/** Lists the keys, oldest first, without what opens anything. */
export function listKeysCommand(options: GlobalOptions): ExitCode {
	const keys = openKeys(options);
	const list = keys.list();
	for (const { id, prefix, createdAtMs, name } of list) {
		process.stdout.write(`${id}  ${prefix}…  ${new Date(createdAtMs).toISOString().slice(0, 10)}  ${name}\n`);
	}
	// The log of `openKeys` has said so already.
	if (list.length === 0 && keys.areRequired) return exitCodes.broken;
	if (list.length === 0) process.stdout.write("There are no keys: any program on this machine may use /v1.\n");
	return exitCodes.done;
}

/** Revokes a key, for a running service too. */
export async function revokeKeyCommand(options: GlobalOptions, id: string): Promise<ExitCode> {
	const keys = openKeys(options);
	const revoked = await keys.revoke(id);
	if (!revoked.ok) return reportFault(revoked.error);
	const rest = keys.areRequired ? "" : " None is left: any program on this machine may use /v1.";
	process.stdout.write(`The key ${revoked.value.name} opens nothing any more.${rest}\n`);
	return exitCodes.done;
}

function openKeys(options: GlobalOptions): ApiKeys {
	return createApiKeys({ path: locate(options.dataDir).apiKeysPath, clock: systemClock, log: printingLog });
}

/** What the service writes into its log is for the person at the terminal here. */
const printingLog: Log = {
	debug() {},
	info() {},
	warn: (_fields, message) => void process.stderr.write(`nightshift: ${message}\n`),
	error: (_fields, message) => void process.stderr.write(`nightshift: ${message}\n`),
};

function reportFault(fault: ApiKeyFault): ExitCode {
	process.stderr.write(`nightshift: ${fault.message}\n`);
	const isInput = fault.kind === "bad-name" || fault.kind === "not-found" || fault.kind === "too-many";
	return isInput ? exitCodes.badInput : exitCodes.broken;
}
