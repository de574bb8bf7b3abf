/** Every word of the windows: the page that is shown while the service is down, dialogs, titles. */

/** Words of the windows. */
export const windowWords = {
	product: "Nightshift",
	down: {
		starting: {
			title: "Nightshift is starting",
			text: "It takes longer than usual. This page goes on by itself as soon as it is ready.",
		},
		restarting: {
			title: "Nightshift is being restarted",
			text: "Its service ended unexpectedly. Nothing that was finished is lost; this page goes on by itself.",
		},
		"given-up": {
			title: "Nightshift can't start",
			text: "Nothing that was finished is lost. Batches wait until it runs again.",
		},
		stopped: {
			title: "Nightshift has stopped",
			text: "Nothing that was finished is lost. Batches go on when it runs again.",
		},
		unreachable: {
			title: "This page could not be loaded",
			text: "Nightshift's service runs, but does not answer this window.",
		},
		broken: {
			title: "This window broke several times",
			text: "Your work is done by the service, not by this window, and goes on.",
		},
	},
	attempt: (attempt: number) => `Attempt ${attempt}`,
	tryAgain: "Try again",
	logs: "Open logs folder",
	chooseFiles: "Choose batch files",
	chooseFolder: "Choose a folder",
	choose: "Choose",
	batchFiles: "Batch files",
	allFiles: "All files",
	saveAs: "Save",
	menu: {
		open: "Open Nightshift",
		settings: "Settings…",
		quit: "Quit Nightshift",
		file: "File",
		newBatch: "New Batch…",
		view: "View",
	},
} as const;
