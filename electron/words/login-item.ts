/** What the room `login-item` says. */
export const loginItemWords = {
	requiresApproval:
		"macOS wants you to allow it first: System Settings, General, Login Items. Until then Nightshift does not start by itself.",
	switchedOff: "Windows has it switched off: Task Manager, Startup apps.",
	removedElsewhere:
		"It was taken out of the programs that start with your session elsewhere. Switch it off and on here to have it back.",
	notWritten: (reason: string) => `The entry that starts Nightshift with your session could not be written: ${reason}`,
} as const;
