/**
 * What the rules come to, as a table: a sentence, what is given (the last of several moments counts), the verdict. Load and GPU
 * memory are in `load-scenarios.test.ts`.
 */
import { expect, test } from "vitest";
import { outcomeOf, type Row } from "./scenario-testing.ts";

// Times are told in local time; here, everywhere, that of a place whose clocks change.
process.env.TZ = "Europe/Berlin";

const blender = { others: 6.1, busy: 3, processes: [["Blender", 6.1, 3]] } as const;
const noNight = { monday: [], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };

const hours: readonly Row[] = [
	["night mode: works in the window", { mode: "night", at: "wednesday 23:30" }, "run", "may run"],
	[
		"night mode: works after midnight in the window that began the day before",
		{ mode: "night", at: "thursday 06:59" },
		"run",
		"may run",
	],
	[
		"night mode: waits by day, however long the user is away",
		{ mode: "night", idle: 500 },
		"leave",
		"waiting: the night window begins at 23:00",
	],
	[
		"night mode: the window ends to the minute",
		{ mode: "night", at: "thursday 07:00" },
		"leave",
		"waiting: the night window begins at 23:00",
	],
	[
		"night mode: a window begins on the weekday it is set for",
		{
			mode: "night",
			at: "saturday 13:00",
			night: { saturday: [{ from: "12:00", to: "12:30" }], sunday: [{ from: "10:00", to: "12:00" }] },
		},
		"leave",
		"waiting: the night window begins at 10:00",
	],
	[
		"night mode: a window some days away is told with its date",
		{ mode: "night", night: { ...noNight, sunday: [{ from: "01:00", to: "05:00" }] } },
		"leave",
		"waiting: the night window begins at 2026-01-18 01:00",
	],
	[
		"night mode: without any window it never is night",
		{ mode: "night", night: noNight },
		"leave",
		"waiting: no night window is set for the days to come",
	],
	[
		"night mode: equal times are a whole day",
		{ mode: "night", night: { ...noNight, tuesday: [{ from: "15:00", to: "15:00" }] } },
		"run",
		"may run",
	],
	["night mode: works though somebody types", { mode: "night", at: "wednesday 23:30", idle: 0 }, "run", "may run"],
	[
		"when idle: works at night though somebody types",
		{ mode: "when-idle", at: "wednesday 23:30", idle: 0 },
		"run",
		"may run",
	],
	["always: works by day though somebody types", { mode: "always", idle: 0 }, "run", "may run"],
];

const presence: readonly Row[] = [
	[
		"when idle: waits by day while somebody types",
		{ mode: "when-idle", idle: 0 },
		"leave",
		"waiting: somebody used the computer within the last 10 min",
	],
	[
		"when idle: works by day once the user is away for as long as is set",
		{ mode: "when-idle", idle: 10 },
		"run",
		"may run",
	],
	[
		"when idle: waits a minute before that",
		{ mode: "when-idle", idle: 9 },
		"leave",
		"waiting: somebody used the computer within the last 10 min",
	],
	[
		"when idle: the minutes are a setting",
		{ mode: "when-idle", idle: 30, awayMinutes: 45 },
		"leave",
		"waiting: somebody used the computer within the last 45 min",
	],
	[
		"away: waits at night too while somebody types",
		{ mode: "away", at: "thursday 02:00", idle: 2 },
		"leave",
		"waiting: somebody used the computer within the last 10 min",
	],
	["away: works at any hour while the user is away", { mode: "away", idle: 12 }, "run", "may run"],
	["a locked screen counts as away after a minute", { mode: "away", idle: 1, isLocked: true }, "run", "may run"],
	[
		"a screen locked a moment ago does not yet",
		{ mode: "away", idle: 0.5, isLocked: true },
		"leave",
		"waiting: somebody used the computer within the last minute",
	],
	[
		"an unlocked screen changes nothing",
		{ mode: "away", idle: 5, isLocked: false },
		"leave",
		"waiting: somebody used the computer within the last 10 min",
	],
	[
		"unknown idle time under a desktop counts as present",
		{ mode: "when-idle", hasDesktop: true },
		"leave",
		"waiting: somebody may be at the computer: it does not tell how long it was left alone",
	],
	["unknown idle time without a desktop counts as away", { mode: "when-idle", hasDesktop: false }, "run", "may run"],
	["unknown idle time behind a locked screen counts as away", { mode: "away", isLocked: true }, "run", "may run"],
	[
		"a server somebody is logged in to counts by its idle time",
		{ mode: "away", hasDesktop: false, idle: 1 },
		"leave",
		"waiting: somebody used the computer within the last 10 min",
	],
];

const screen: readonly Row[] = [
	["a game stops work", { screen: "game", front: "Hades II" }, "yield", "waiting: Hades II is being played"],
	["a game nobody can name stops it too", { screen: "game" }, "yield", "waiting: a game is being played"],
	[
		"a game behind a locked screen still does",
		{ screen: "game", isLocked: true },
		"yield",
		"waiting: a game is being played",
	],
	[
		"a film in full screen stops work",
		{ screen: "full-screen", front: "mpv" },
		"yield",
		"waiting: mpv fills the screen",
	],
	["a locked screen fills the screen and stops nothing", { screen: "full-screen", isLocked: true }, "run", "may run"],
	[
		"an ignored program may fill the screen",
		{ screen: "full-screen", front: "C:\\Kodi\\Kodi.exe", limits: { ignore: ["kodi"] } },
		"run",
		"may run",
	],
	[
		"a presentation stops work",
		{ screen: "presentation", front: "Impress" },
		"yield",
		"waiting: Impress shows a presentation",
	],
	[
		"a presentation nobody can name stops it too",
		{ screen: "presentation" },
		"yield",
		"waiting: a presentation is being given",
	],
	["a desktop in front stops nothing", { screen: "nothing" }, "run", "may run"],
	[
		"a program that was named stops work while it runs",
		{ programs: ["obs"], limits: { stopFor: ["OBS.exe"] } },
		"yield",
		"waiting: obs is running",
	],
	[
		"three of them are told together",
		{ programs: ["obs", "resolve", "ableton"], limits: { stopFor: ["obs", "resolve", "ableton"] } },
		"yield",
		"waiting: ableton, obs and resolve are running",
	],
	["other programs may run", { programs: ["obs"], limits: { stopFor: ["resolve"] } }, "run", "may run"],
	[
		"a program in both lists stops work",
		{ programs: ["obs"], limits: { stopFor: ["obs"], ignore: ["obs"] } },
		"yield",
		"waiting: obs is running",
	],
];

const hardware: readonly Row[] = [
	["on battery nothing runs", { supply: "battery", battery: 100 }, "leave", "waiting: the computer runs on battery"],
	[
		"on battery it may, where that is set",
		{ supply: "battery", battery: 80, limits: { onBattery: true } },
		"run",
		"may run",
	],
	[
		"but not on one that is low",
		{ supply: "battery", battery: 43, limits: { onBattery: true } },
		"leave",
		"waiting: the battery is at 43 %, which is too little",
	],
	[
		"a battery that was low must have some more before work begins",
		[
			{ supply: "battery", battery: 49, limits: { onBattery: true } },
			{ supply: "battery", battery: 54, limits: { onBattery: true } },
		],
		"leave",
		"waiting: the battery is at 54 %, which is too little",
	],
	["a low battery on mains stops nothing", { battery: 5 }, "run", "may run"],
	["a supply that can't be told stops nothing", { supply: null, battery: 5 }, "run", "may run"],
	["a hot GPU is left to cool", { gpus: [{ celsius: 91 }] }, "leave", "waiting: RTX 4070 is at 91 °C"],
	["a hot processor is left to cool", { cpuCelsius: 95 }, "leave", "waiting: the processor is at 95 °C"],
	[
		"what was hot must be clearly cooler before work begins",
		[{}, { cpuCelsius: 95 }, { cpuCelsius: 82 }],
		"leave",
		"waiting: the processor is at 82 °C",
	],
	["a warm one works on", [{}, { cpuCelsius: 82, for: 60 }], "run", "may run"],
	[
		"without a limit the hardware looks after itself",
		{ cpuCelsius: 95, limits: { temperatureCelsius: null } },
		"run",
		"may run",
	],
	[
		"a computer that says it is too hot is left to cool",
		{ heat: "serious" },
		"leave",
		"waiting: the computer is too hot",
	],
	[
		"until it says that all is well",
		[{}, { heat: "critical" }, { heat: "fair" }],
		"leave",
		"waiting: the computer cools down",
	],
	["one that is warm works on", { heat: "fair" }, "run", "may run"],
];

const owner: readonly Row[] = [
	[
		"a live request freezes work",
		{ live: "answering /v1/chat/completions for Zed" },
		"freeze",
		"frozen: answering /v1/chat/completions for Zed",
	],
	["work goes on the moment it is over", [{ live: "answering /v1/embeddings", for: 4 }, {}], "run", "may run"],
	[
		"while a game is played a live request changes nothing",
		{ live: "answering /v1/embeddings", screen: "game" },
		"yield",
		"waiting: a game is being played",
	],
	["a pause stops work", [{}, { isPaused: true }], "leave", "paused by you"],
	["a pause holds at night", { mode: "night", at: "wednesday 23:30", isPaused: true }, "leave", "paused by you"],
	["a snooze stops work until its time", { snoozedUntil: "wednesday 17:00" }, "leave", "snoozed until 17:00"],
	[
		"a snooze until tomorrow",
		{ at: "wednesday 08:00", snoozedUntil: "thursday 09:00" },
		"leave",
		"snoozed until 2026-01-15 09:00",
	],
	["a snooze that is over stops nothing", { snoozedUntil: "wednesday 13:59" }, "run", "may run"],
	[
		"work comes back the moment a snooze ends",
		[{}, { for: 60 }, { snoozedUntil: "wednesday 14:05", for: 250 }],
		"run",
		"may run",
	],
	[
		"a pause goes before a snooze, and both before the rest",
		{ mode: "night", isPaused: true, snoozedUntil: "wednesday 17:00", screen: "game", supply: "battery" },
		"leave",
		"paused by you",
	],
	["resume ends a pause at once", [{}, { isPaused: true, for: 10 }, { says: "resume" }], "run", "may run"],
	["resume waits for no cool-down", [{}, { screen: "game", for: 60 }, { says: "resume" }], "run", "may run"],
	[
		"resume does not play the game away",
		[{}, { screen: "game", for: 60, says: "resume" }],
		"yield",
		"waiting: a game is being played",
	],
];

const coolDowns: readonly Row[] = [
	[
		"after a program work waits five minutes",
		[{}, { gpus: [blender], for: 60 }, { for: 60 }],
		"yield",
		"waiting: Blender used 6.1 GB of GPU memory until 14:01; work comes back at 14:06",
	],
	["and comes back then", [{}, { gpus: [blender], for: 60 }, { for: 302 }], "run", "may run"],
	[
		"the minutes are a setting",
		[{}, { gpus: [blender], for: 60 }, { for: 602, limits: { coolDownMinutes: 12 } }],
		"yield",
		"waiting: Blender used 6.1 GB of GPU memory until 14:01; work comes back at 14:13",
	],
	[
		"a program that comes back begins them anew",
		[{}, { gpus: [blender], for: 60 }, { for: 240 }, { gpus: [blender] }, { for: 240 }],
		"yield",
		"waiting: Blender used 6.1 GB of GPU memory until 14:05; work comes back at 14:10",
	],
	[
		"after a game it waits half an hour",
		[{}, { screen: "game", front: "Hades II", for: 600 }, { for: 1_000 }],
		"yield",
		"waiting: Hades II was played until 14:10; work comes back at 14:40",
	],
	[
		"also after a game that was there before the service",
		[{ screen: "game", front: "Hades II", for: 60 }, { for: 1_000 }],
		"yield",
		"waiting: Hades II was played until 14:01; work comes back at 14:31",
	],
	[
		"what stopped nothing since the service started is waited for only a moment",
		[{ gpus: [blender], for: 60 }, { for: 20 }],
		"yield",
		"waiting: Blender used 6.1 GB of GPU memory until 14:01; work comes back within a minute",
	],
	["and then work begins", [{ gpus: [blender], for: 60 }, { for: 32 }], "run", "may run"],
	[
		"the mains back for a moment",
		[{}, { supply: "battery", for: 60 }, { for: 20 }],
		"leave",
		"waiting: the computer ran on battery until 14:01; work comes back within a minute",
	],
	["and for half a minute", [{}, { supply: "battery", for: 60 }, { for: 32 }], "run", "may run"],
	[
		"what is there is told before what is over",
		[{}, { supply: "battery", screen: "game", for: 60 }, { screen: "game" }],
		"leave",
		"waiting: a game is being played",
	],
	[
		"of what is over the one that holds longest is told",
		[{}, { screen: "game", gpus: [blender], for: 60 }, { for: 60 }],
		"yield",
		"waiting: a game was played until 14:01; work comes back at 14:31",
	],
	[
		"a short load in a cool-down does not lengthen it",
		[{}, { gpus: [{ busy: 45 }], for: 60 }, { for: 290 }, { gpus: [{ busy: 45 }], for: 2 }, { for: 10 }],
		"run",
		"may run",
	],
	[
		"a request answered in a cool-down does not end it",
		[{}, { screen: "full-screen", for: 60 }, { live: "answering /v1/embeddings", for: 20 }],
		"yield",
		"waiting: a program filled the screen until 14:01; work comes back at 14:06",
	],
	[
		"after sleep stopped work waits to be looked at anew",
		[{}, { screen: "full-screen", for: 60 }, { for: 290 }, { sleeps: 3_600, for: 20 }],
		"yield",
		"waiting: a program filled the screen until 14:01; work comes back at 15:06",
	],
];

for (const [sentence, given, rung, reason] of [...hours, ...presence, ...screen, ...hardware, ...owner, ...coolDowns]) {
	test(sentence, () => {
		expect(outcomeOf(given)).toEqual({ rung, reason });
	});
}
