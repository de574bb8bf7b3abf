/** Words about other machines: on the screen `machines`, at jobs and where a file is dropped. Figures come in as people read them. */
import type { MachineActivity, MeshHost } from "../../native/contract/contract.ts";

const activity: Record<MachineActivity, string> = { working: "Working", idle: "Ready", resting: "Resting" };

const why: Record<MeshHost["why"], string> = {
	"only-machine": "no other machine was there",
	silence: "the one before fell silent",
	"hand-over": "it was asked to",
	found: "it was host already",
};

const pair = {
	title: "Pair a machine",
	ways: "Which machine shows the code",
	show: "Show a code here",
	join: "Join another",
	asking: "Asking for a code…",
	code: "Code",
	where:
		"On the other machine, open Nightshift, go to Machines and choose Pair a machine, then Join another. Enter this code there.",
	withoutScreen: "On a machine without a screen run:",
	command: (address: string) => `nightshift pair --with ${address}`,
	left: (seconds: number) => `Counts for ${seconds} s more.`,
	wrong: (tries: number) =>
		tries === 1
			? "A wrong code was entered on another machine. One more try."
			: `A wrong code was entered on another machine. ${tries} more tries.`,
	joined: (name: string) => `${name} has joined`,
	joinedBody: "From now on it works on your jobs too, and keeps a copy of them.",
	belongs: (name: string) => `This machine belongs to ${name} now`,
	belongsBody: "It works on the jobs of all machines there, and they on its own.",
	over: {
		time: "Nobody entered the code in time.",
		tries: "Too many wrong codes were entered.",
		taken: "The code was taken back.",
	},
	another: "Show another code",
	near: "Machines near that show a code",
	none: "No machine near shows a code. Choose Pair a machine there, or enter its address.",
	other: "Another address",
	address: "Address",
	addressHint: "Host name or address with the port, as the other machine says it: 192.168.1.7:22008.",
	enter: "Code that it shows",
	enterHint: "Eight digits.",
	notACode: "A code has eight digits.",
	action: "Join",
	done: "Done",
	tokens: "A machine without a screen can also join by a token: 'nightshift pair --token' makes one.",
} as const;

const choose = {
	title: "Which machines may work on it",
	body: (name: string) =>
		`${name} is worked on by the machines that are switched on here. What they have done already stays.`,
	list: "Machines that may work on it",
	later: "Machines that are paired later",
	laterHint: "They may work on it too.",
	none: "At least one machine has to be left.",
	all: "All machines",
	allBut: (names: string) => `All machines but ${names}`,
	only: (names: string) => `Only ${names}`,
	gone: "a machine that was removed",
	action: "Save",
	saved: "Saved",
} as const;

/** Words about other machines. */
export const mesh = {
	offTitle: "Let your other machines work too",
	offBody:
		"Machines that you pair share the lines of every job among them, so that a night gets more done, and each job is kept on two machines, so that none is lost with a disk. Files and answers go between your own machines only, encrypted.",
	pairAction: "Pair a machine",
	switchedOff: "Working together is switched off",
	switchedOffBody: "This machine works by itself. Machines it was paired with stay paired.",
	switchOn: "Switch on",
	trouble: "Something keeps machines from working together",
	toSettings: "Settings of other machines",
	alone: "No other machine can be reached just now. Each works on by itself.",
	host: "Host",
	hostLine: (name: string, since: string, reason: string) => `${name} hands out the work since ${since}: ${reason}.`,
	thisHost: (since: string, reason: string) => `This machine hands out the work since ${since}: ${reason}.`,
	noHost: "Nobody hands out work just now. Machines agree on a host within seconds of hearing each other.",
	why,
	activity,
	offline: "Not there",
	lastHeard: (moment: string) => `last heard ${moment}`,
	neverHeard: "not heard since this machine started",
	notTold: "It has not told anything yet.",
	relayed: (name: string) => `Reached by way of ${name}.`,
	worksOnLines: (slices: string) => `Works on ${slices}.`,
	slice: (lines: string, file: string) => `${lines} lines of ${file}`,
	unknownJob: "a job",
	rate: "Speed",
	linesPerSecond: (rate: string) => `${rate} lines/s`,
	notMeasured: "not measured yet",
	gpus: "GPU",
	noGpus: "none; it computes on the processor",
	models: "Models",
	noModels: "none",
	memory: "Memory",
	address: "Address",
	version: "Version",
	hosting: "Being host",
	hostingWords: { never: "never", allowed: "like others", preferred: "before others" },
	actions: (name: string) => `Actions for ${name}`,
	makeHost: "Make it host",
	makeThisHost: "Make this machine host",
	remove: "Remove…",
	leave: "Leave the others…",
	becameHost: (name: string) => `${name} is host`,
	removed: (name: string) => `${name} is removed`,
	left: "This machine works by itself",
	removeTitle: (name: string) => `Remove ${name}?`,
	removeBody: (name: string) =>
		`${name} no longer gets work and is let in by none of the machines. That is final: to come back it has to be paired anew, as a new machine. What it has stored already, files and answers among it, can't be recalled from it.`,
	removeAction: "Remove",
	leaveTitle: "Leave the other machines?",
	leaveBody:
		"This machine keeps the jobs it has and works on them by itself. The others go on without it. To work together again it has to be paired anew.",
	leaveAction: "Leave",
	waitsTitle: (name: string) => `${name} waits to be admitted again`,
	waitsBody: "It was let in by a machine that has been removed since. Somebody has to say whether it may stay.",
	approve: "Let it stay",
	approved: (name: string) => `${name} may stay`,
	missing: "A machine is missing?",
	missingBody:
		"Machines find each other by themselves in one network. Elsewhere enter where it is; this machine then looks there.",
	remember: "Look there",
	remembered: "Looks there from now on",
	durability: {
		two: "safe on 2 machines",
		"only-member": "1 copy: there is no other machine",
		alone: "1 copy: no other machine is reachable",
		"no-room": "1 copy: no other machine has room for it",
		pending: "1 copy: the second is being made",
	},
	job: {
		title: "Machines",
		safety: "Kept",
		allowed: "Worked on by",
		inHand: (lines: string) => `${lines} in hand`,
		lines: (count: string, percent: string) => `${count} lines, ${percent}`,
		share: (name: string) => `Share of ${name}`,
	},
	pair,
	choose,
} as const;
