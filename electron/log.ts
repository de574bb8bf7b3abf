/** The shell's own log, for what nobody sees: `shell.log` in the folder of logs. The service has its own. */
import { existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { pino } from "pino";

/** A log that is longer when the shell starts is put aside, and the one that was aside is forgotten: some months of a quiet shell. */
const MOST_LOG_BYTES = 2 * 1024 * 1024;

/** The log. */
export interface Log {
	readonly path: string;
	info(details: object, message: string): void;
	warn(details: object, message: string): void;
	error(details: object, message: string): void;
}

/** The log as rooms see it, which write down only what is odd. */
export type ShellLog = Pick<Log, "warn">;

/** Opens the log in a folder, which is made. */
export function openLog(dir: string): Log {
	mkdirSync(dir, { recursive: true });
	const path = join(dir, "shell.log");
	if (existsSync(path) && statSync(path).size > MOST_LOG_BYTES) renameSync(path, `${path}.old`);
	const log = pino(
		{ base: null, timestamp: pino.stdTimeFunctions.isoTime },
		pino.destination({ dest: path, sync: true }),
	);
	return {
		path,
		info: (details, message) => log.info(details, message),
		warn: (details, message) => log.warn(details, message),
		error: (details, message) => log.error(details, message),
	};
}
