/**
 * Lines for the engine bench: support tickets as people write them, made from a seed so that both sides get the same and
 * every round gets new ones. Must never repeat a line within a run: a repeated prompt measures a cache.
 */

/** One line of a bench job. */
export interface BenchLine {
	readonly system: string | null;
	readonly user: string;
	readonly maxTokens: number;
}

/** A job to measure; `lines(round, count)` never gives the same line twice. */
export interface BenchCase {
	readonly name: string;
	/** What it stands for, in one line. */
	readonly description: string;
	readonly lineCount: number;
	readonly maxTokens: number;
	lines(round: number, count: number): readonly BenchLine[];
	/** A line with nothing of its own: what its prompt has in common with the others of its family. */
	readonly emptyLine: BenchLine;
}

/** The classification prompt of design sketches: short, the same on every line. */
const shortSystem =
	"Classify the support ticket as one of: billing, bug, feature_request, account, other. Reply with the label only.";

const labelGuide = [
	"You sort the support mail of a company that sells bookkeeping software to small firms. Read the ticket and answer with",
	"exactly one label and nothing else. The labels are: billing, for invoices, refunds, prices, taxes and payment methods;",
	"bug, for anything that worked before or should work and does not, crashes, wrong figures and error messages included;",
	"feature_request, for wishes about things the product does not do yet; account, for signing in, passwords, users, roles",
	"and deleting data; other, for everything else, spam included. If a ticket fits two labels, take the one that names what",
	"the customer wants done first. Never explain your choice, never greet, never add punctuation.",
].join(" ");

const trades = ["a bakery", "a dentist", "a law firm", "a garage", "a hotel", "a school", "a publisher", "a nursery"];

const openers = ["Hello,", "Hi there,", "Good morning,", "To whom it may concern,", "Urgent:", "Hey,", "Dear team,"];
const subjects = [
	"the invoice for our last order shows the wrong total",
	"the export button does nothing since the update",
	"I can no longer sign in with my work address",
	"we would love a dark theme for the calendar",
	"the monthly report counts some customers twice",
	"my colleague should be able to approve payments too",
	"the app closes itself when I attach a large photo",
	"we were charged after we had cancelled the plan",
];
const details = [
	"It has been like this for three days and our accountant is waiting.",
	"I tried another browser and a second computer, with the same result.",
	"Please tell me what you need from me to look into it.",
	"This is not pressing, but it would save us hours every week.",
	"Nobody in our office changed any setting as far as I know.",
];

/** Fewer would leave lanes idle for most of the run. */
const fewestLines = 32;
/** Tickets are numbered by case, round and line; no case has more lines in a round, or more rounds. */
const linesPerRound = 1_000;
const roundsPerCase = 1_000;

/** Every job of the bench; `quick` cuts them to a few lines. */
export function benchCases(quick: boolean): readonly BenchCase[] {
	const count = (full: number): number => (quick ? Math.max(fewestLines, full / 10) : full);
	let nextCase = 0;
	const unique = (maxTokens: number, lineCount: number): BenchCase => ({
		name: `unique-${maxTokens}`,
		description: "no two lines share a beginning: ticket first, instruction last, no system prompt",
		lineCount: count(lineCount),
		maxTokens,
		lines: numbered(nextCase++, (ticket) => ({ system: null, user: `${ticket}\n\n${shortSystem}`, maxTokens })),
		emptyLine: { system: null, user: "", maxTokens },
	});
	const sharing = (name: string, system: string, maxTokens: number, lineCount: number): BenchCase => ({
		name,
		description: "every line begins with the same system prompt; only the ticket differs",
		lineCount: count(lineCount),
		maxTokens,
		lines: numbered(nextCase++, (ticket) => ({ system, user: ticket, maxTokens })),
		emptyLine: { system, user: "", maxTokens },
	});
	const families: BenchCase = {
		name: "families-4",
		description: `${trades.length} long system prompts, in random order`,
		lineCount: count(200),
		maxTokens: 4,
		lines: numbered(nextCase++, (ticket, number) => ({
			system: familySystem(randomFamily(number)),
			user: ticket,
			maxTokens: 4,
		})),
		emptyLine: { system: familySystem(0), user: "", maxTokens: 4 },
	};
	return [
		unique(4, 400),
		unique(32, 100),
		sharing("short-system-4", shortSystem, 4, 400),
		sharing("short-system-32", shortSystem, 32, 100),
		sharing("ticket-job-4", labelGuide, 4, 400),
		families,
	];
}

/** A ticket no other number gives: it begins with a reference in letters that differ from the first ones on. */
export function ticketText(number: number): string {
	const random = createRandom(number);
	const pick = (texts: readonly string[]): string => texts[Math.floor(random() * texts.length)] ?? "";
	const amount = (random() * 900 + 10).toFixed(2);
	return [
		`${reference(number)}: ${pick(openers)} ${pick(subjects)}.`,
		pick(details),
		`The amount is ${amount}, our customer number ${Math.floor(random() * 90_000) + 10_000}.`,
	].join(" ");
}

/** Numbers are never used twice: a side that has seen a ticket in another case or round would find it in its cache. */
function numbered(
	caseIndex: number,
	make: (ticket: string, number: number) => BenchLine,
): (round: number, count: number) => readonly BenchLine[] {
	return (round, count) => {
		const first = (caseIndex * roundsPerCase + round) * linesPerRound;
		return Array.from({ length: count }, (_, index) => make(ticketText(first + index), first + index));
	};
}

/** In order, eight families would fall on eight slots by themselves; files that people send are not that kind. */
function randomFamily(number: number): number {
	return Math.floor(createRandom(~number)() * trades.length);
}

function familySystem(index: number): string {
	const trade = trades[index % trades.length] ?? "";
	return `You answer for ${trade}. ${labelGuide} All tickets come from customers of ${trade}. ${labelGuide}`;
}

/** Five letters, one to one with the number (below 26^5), spread so that neighbours differ in the first letter. */
function reference(number: number): string {
	const space = 26 ** 5;
	let rest = (number * 4_861_943 + 7_654_321) % space;
	let text = "";
	for (let index = 0; index < 5; index++) {
		text += String.fromCharCode(65 + Math.floor((rest * 26) / space));
		rest = (rest * 26) % space;
	}
	return text;
}

/** Seeded numbers from 0 to 1 (mulberry32, Tommy Ettinger). */
export function createRandom(seed: number): () => number {
	let state = (seed + 0x9e3779b9) | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
