/** What the rooms need of a logger; pino satisfies it. Facts go into `fields`, the sentence into `message`. */
export interface Log {
	debug(fields: object, message: string): void;
	info(fields: object, message: string): void;
	warn(fields: object, message: string): void;
	error(fields: object, message: string): void;
}

/** Drops everything; for tests and one-shot commands. */
export const silentLog: Log = {
	debug() {},
	info() {},
	warn() {},
	error() {},
};
