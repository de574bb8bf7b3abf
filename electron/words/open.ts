/** What the room `open` says of files and links it was given. */
export const openWords = {
	fileFailed: (name: string) => `${name} was not taken`,
	/** e.g. after a service's own reason. */
	tooMany: (most: number, leftOut: number) =>
		`At most ${most} files are taken at once; ${leftOut === 1 ? "one was" : `${leftOut} were`} left out. Open them again later.`,
	tooManyTitle: "Too many files",
	table: "It is a table: drop it on Nightshift's window, where you say what its rows ask.",
	notRunning: (reason: string) => `Nightshift's service does not run: ${reason}`,
	cameAndWent: "Nightshift's service went away while it took the file. Open it again when it is back.",
	queued: (name: string) => `${name} is queued`,
	queuedBody: "All lines are checked first; what is wrong is told.",
	linkRefused: "A link was not followed",
	link: {
		scheme: "Only links that begin with nightshift:// lead to Nightshift.",
		place: "Nightshift's links lead to a job, the morning report or the settings, and nowhere else.",
		id: "The link names no job as Nightshift names them.",
		section: "The link names no section of the settings.",
		extra: "Links to Nightshift carry nothing but a place.",
	},
	notAPath: "It is no file on this computer.",
} as const;
