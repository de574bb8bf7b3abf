/** Every word of the tray: its tooltip, its title and its menu. Figures and moments come in the user's language. */

const counts = new Intl.NumberFormat();
const decimals = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1, minimumFractionDigits: 1 });

const HOURS_WITHOUT_DAY = 12;
const HOUR_MS = 3_600_000;

/** e.g. `1,234`. */
export function formatCount(value: number): string {
	return counts.format(value);
}

/** e.g. `41.3`; whole from a hundred on. */
export function formatRate(value: number): string {
	return value >= 100 ? counts.format(Math.round(value)) : decimals.format(value);
}

/** e.g. `42 %`, from 0 to 1. Rounded down: a hundred is said when all is done and not before. */
export function formatPercent(fraction: number): string {
	return `${Math.floor(Math.min(1, Math.max(0, fraction)) * 100)} %`;
}

/** Time of a moment to come, Unix milliseconds; with the day where the time alone could be mistaken for today's. */
export function formatMoment(atMs: number, nowMs: number): string {
	const at = new Date(atMs);
	const time = at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" });
	const isSoon = atMs - nowMs < HOURS_WITHOUT_DAY * HOUR_MS || at.toDateString() === new Date(nowMs).toDateString();
	return isSoon ? time : `${at.toLocaleDateString(undefined, { weekday: "short" })} ${time}`;
}

/** Words of the tray. */
export const trayWords = {
	product: "Nightshift",
	/** What each state is called where nothing better is known. */
	states: {
		starting: "starting",
		down: "not running",
		idle: "nothing to do",
		working: "working",
		yielding: "waiting",
		paused: "paused",
		attention: "needs you",
	},
	/** Title, state and what is behind it, e.g. `Nightshift: working, 42 %`. */
	headline: (state: string) => `Nightshift: ${state}`,
	linesOf: (done: string, total: string) => `${done} of ${total} lines`,
	rate: (rate: string) => `${rate} lines/s`,
	readyBy: (moment: string) => `ready by ${moment}`,
	waitingJobs: (count: number) => (count === 1 ? "1 job needs you" : `${formatCount(count)} jobs need you`),
	machines: (online: number, working: number) =>
		`${formatCount(online)} machines online, ${working === 0 ? "none" : formatCount(working)} at work`,
	alone: "No other machine is reachable",
	batch: (name: string, percent: string) => `${name}  ${percent}`,
	moreBatches: (count: number) => (count === 1 ? "1 more job…" : `${formatCount(count)} more jobs…`),
	open: "Open Nightshift",
	newBatch: "New batch…",
	pause: "Pause",
	pauseUntilResumed: "Until I resume",
	snooze: { "1h": "For 1 hour", "3h": "For 3 hours", "12h": "For 12 hours", tomorrow: "Until tomorrow" },
	resume: "Resume now",
	tryAgain: "Try again",
	allowFirewall: "Let other machines reach this one…",
	settings: "Settings…",
	logs: "Open logs folder",
	quit: "Quit Nightshift",
} as const;
