/** What a command answers to the shell; scripts rely on these. */
export const exitCodes = {
	/** All done. */
	done: 0,
	/** Something on this machine is broken (the model can't be loaded, the disk is full), or a batch waits for somebody. */
	broken: 1,
	/** The input or the command line is not right; nothing was queued. */
	badInput: 2,
	/** Done, but some lines failed; the error file says why. */
	failedLines: 3,
	/** Stopped by Ctrl-C or a signal; going on later loses nothing. 128 + SIGINT, as shells do. */
	interrupted: 130,
} as const;

/** One of the exit codes. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
