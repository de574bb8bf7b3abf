/** What the shell itself says, where no room does. */
export const shellWords = {
	broken: "Nightshift can't start",
	smokeNeedsFolder:
		"--smoke works on data of its own: name an empty folder in the environment variable NIGHTSHIFT_HOME.",
	restFailed: "Work could not be paused or resumed",
	loginItem: "Nightshift does not start with the session",
} as const;
