/** What the room `firewall` says. */
export const firewallWords = {
	made: "Other machines can reach this one now",
	madeBody:
		"On networks that Windows calls private, and on your company's. What it calls a public network stays closed.",
	notMade: "Other machines can't reach this one yet",
	refused:
		"Windows wants an administrator to agree, and nobody did. The menu of Nightshift's icon offers it again, whenever you like.",
	failed: (reason: string) => `The rule for Windows' firewall was not made: ${reason}`,
	path: "Nightshift lies on another computer or in a folder with a percent sign in its name, which Windows' firewall can't be told. Install it elsewhere.",
	tooLong: (seconds: number) => `It took longer than ${seconds} seconds.`,
	killed: "Something else has ended it.",
	endedWith: (code: number) => `Windows gave no reason (code ${code}).`,
	notMarked: (reason: string) =>
		`Uninstalling Nightshift will leave its rule in Windows' firewall, for that it was made could not be noted: ${reason}`,
} as const;
