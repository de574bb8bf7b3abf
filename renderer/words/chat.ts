/** Words of the screen `chat`. Figures come in as people read them. */

const threads = {
	title: "Chats",
	new: "New chat",
	searchLabel: "Search chats by title",
	searchHint: "Search by title",
	listLabel: "Chats",
	open: "Show chats",
	none: "No chats yet",
	noneFits: "No chat has that title.",
	showOlder: "Show older chats",
	actions: (title: string) => `Actions for ${title}`,
	untitled: "New chat",
	answering: "Being answered",
	rename: "Rename…",
	renameTitle: "Rename this chat",
	renameLabel: "Title",
	delete: "Delete…",
	deleteTitle: (title: string) => `Delete “${title}”?`,
	deleteBody: "The chat goes from this machine. It is nowhere else.",
	deleted: "Deleted",
	copyOf: (title: string) => `${title} (this window)`,
	conflict: "This chat was changed in another window",
	conflictBody: "Both are kept: what you have here is now a chat of its own.",
	gone: "This chat was deleted in another window",
	goneBody: "What you have here is kept as it is.",
} as const;

const empty = {
	title: "Ask the model on this machine",
	body: "What you write stays here. Batch work makes room while you are answered.",
	examples: [
		{ title: "Sort a ticket", text: "Which team should this go to: billing, technical or sales?\n\n" },
		{
			title: "Try a batch prompt",
			text: "Rewrite this prompt so that a small model answers with one word only, and list what could go wrong:\n\n",
		},
		{ title: "Explain an error", text: "Explain this error and name the likeliest cause first:\n\n" },
	],
	noModel: "No model on this machine can chat yet",
	noModelBody: "Download one that fits, or add the folder of another program that has one.",
	toModels: "Go to Models",
} as const;

const composer = {
	label: "Your message",
	hint: "Write a message",
	send: "Send",
	stop: "Stop",
	model: "Model",
	defaultModel: (name: string) => `Default: ${name}`,
	noDefault: "Default",
	missingModel: (name: string) => `${name} (not here)`,
	full: "This chat is as long as a chat may be. Begin a new one.",
	tooLong: "The message is longer than 2,000,000 characters. Shorten it.",
} as const;

const message = {
	you: "You",
	answer: "Answer",
	copy: "Copy message",
	copyCode: "Copy code",
	edit: "Edit and answer again",
	editLabel: "Edit your message",
	retry: "Answer again",
	editNote: (count: number) =>
		count === 0
			? "It is answered from here."
			: count === 1
				? "The message after it is replaced by a new answer."
				: `The ${count} messages after it are replaced by a new answer.`,
	editAction: "Answer from here",
	thinking: (seconds: string) => `Thinking… ${seconds}`,
	thoughts: "Thoughts",
	waiting: (seconds: string) => `Reading… ${seconds}`,
	loadingModel: (percent: string | null) => (percent === null ? "Loading the model…" : `Loading the model… ${percent}`),
	tokens: (count: string) => (count === "1" ? "1 token" : `${count} tokens`),
	rate: (rate: string) => `${rate} tokens/s`,
	first: (seconds: string) => `first after ${seconds} s`,
	read: (count: string) => `${count} tokens read`,
	cutOff: "Cut off at the limit of tokens. Raise 'Longest answer' in the options, or write 'go on'.",
	stopped: "Stopped.",
	brokenOff: "The answer broke off: the page was closed or reloaded.",
	lostStream: "The answer broke off: the service went away in the middle.",
	unanswered: "This was not answered.",
	answerNow: "Answer it",
	image: (name: string) => `Picture: ${name}`,
	imageUnnamed: "Picture",
	code: "code",
	task: (isDone: boolean) => (isDone ? "done" : "not done"),
	earlier: (count: string) => `Show ${count} earlier messages`,
	latest: "Jump to latest",
	conversation: "Conversation",
} as const;

const failure = {
	contextTitle: "The chat is too long for this model",
	contextBody:
		"Edit an earlier message and go on from there, begin a new chat, or choose a model with a longer context.",
	noModelTitle: "The model is not here",
	noModelBody: "Choose another one below, or get it on the screen Models.",
	offlineTitle: "The service does not answer",
	offlineBody: "Your message is kept on this page. Try again as soon as it is back.",
	otherTitle: "No answer came",
	saveTitle: "This chat is not saved",
	gone: "There is no such chat on this machine any more.",
} as const;

const options = {
	open: "Options of this chat",
	system: "System prompt",
	systemHint: "Comes before the conversation, each time it is answered.",
	temperature: "Temperature",
	temperatureHint: "0 to 2; 0 never varies.",
	topP: "Top p",
	topPHint: "Above 0, up to 1.",
	maxTokens: "Longest answer",
	maxTokensHint: "In tokens, thinking included.",
	usual: "model's own",
	noLimit: "no limit",
	faults: {
		temperature: "Write a number from 0 to 2, or leave it empty.",
		topP: "Write a number above 0 and up to 1, or leave it empty.",
		maxTokens: "Write a whole number from 1 on, or leave it empty.",
		system: "The system prompt is longer than 100,000 characters. Shorten it.",
	},
} as const;

/** Words of the screen `chat`. */
export const chat = { threads, empty, composer, message, failure, options } as const;
