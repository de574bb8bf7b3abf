import { assertNever } from "../base/base.ts";
import { compareEpochs } from "./epochs.ts";
import type { OpBody, OpContent } from "./ops.ts";
import type { BatchRecord, Epoch, Fault, MachineChoice } from "./records.ts";

/**
 * What became of a batch, computed from all that was decided about it. A pure function of the set of decisions: machines that
 * have the same ones see the same, whatever the order of their arrival. Among decisions of one round the order is that of their
 * places (`placeOf`), which for one machine alone is the order in which it took them.
 */

/** Kinds of operations that decide about a batch; their number is that of people's clicks, not of lines. */
export const DECISIONS = [
	"validated",
	"invalid",
	"cancel",
	"rehearsed",
	"queued",
	"paused",
	"resumed",
	"gave-up",
	"warned",
	"collected",
	"retried",
	"chosen",
] as const;

/** What a decision says. */
export type Decided = Extract<OpContent, { readonly kind: (typeof DECISIONS)[number] }>;

/** A decision with the round it was meant for. */
export interface Decision {
	readonly round: number;
	readonly place: string;
	readonly atMs: number;
	readonly content: Decided;
}

/** A seal, or the word that one is published, which is one too. */
export interface SealRow {
	readonly round: number;
	/** See `sealDigest`. */
	readonly digest: string;
	readonly isPublished: boolean;
	readonly place: string;
	readonly atMs: number;
	readonly content:
		| { readonly kind: "seal"; readonly body: OpBody<"seal"> }
		| { readonly kind: "published"; readonly body: OpBody<"published"> };
}

/** What a batch is from its beginning. */
export interface CourseStart {
	readonly isHeld: boolean;
	readonly expiresAtMs: number;
	/** Its results are gone, so that no retry counts any more that has not ended. */
	readonly isDropped: boolean;
}

/** How a batch stands. Names as in `BatchRecord`. */
export interface Course
	extends Pick<
		BatchRecord,
		| "round"
		| "inProgressAtMs"
		| "cancellingAtMs"
		| "expiresAtMs"
		| "collectedAtMs"
		| "isHeld"
		| "rehearsed"
		| "pause"
		| "overruled"
		| "givenUp"
		| "warning"
		| "model"
		| "total"
		| "faults"
		| "notices"
	> {
	/** When the input was found invalid. */
	readonly invalidAtMs: number | null;
	/** The seal that counts; null: the batch has not ended. */
	readonly sealed: SealRow | null;
	readonly machines: (MachineChoice & { readonly revision: number }) | null;
}

/** How a batch stands after all of this. */
export function courseOf(start: CourseStart, decisions: readonly Decision[], seals: readonly SealRow[]): Course {
	const ends = new Map<number, SealRow>();
	for (const { round } of seals) {
		if (ends.has(round)) continue;
		const end = canonical(seals, round);
		if (end !== null) ends.set(round, end);
	}
	const begun = decisions.reduce(
		(round, { content }) => (content.kind === "retried" ? Math.max(round, content.body.round) : round),
		0,
	);
	const last = start.isDropped && ends.size > 0 ? Math.max(...ends.keys()) : begun;
	const steps = [...decisions, ...ends.values()].filter(({ round }) => round <= last).sort(compareSteps);
	let course = beginning(start);
	for (const one of steps) course = step(course, one);
	return { ...course, round: last, machines: chosenOf(decisions) };
}

/** The published seal of a round that counts: of the earliest epoch, with the least digest. Null: none is published. */
function canonical(seals: readonly SealRow[], round: number): SealRow | null {
	const published = new Set(seals.filter((seal) => seal.isPublished).map((seal) => seal.digest));
	const candidates = seals.filter((seal) => seal.round === round && published.has(seal.digest));
	const [first] = candidates.sort(compareSeals);
	if (first === undefined) return null;
	// What was said when it was published says more than the seal did; it is the same whoever published.
	const [said] = candidates.filter((seal) => seal.digest === first.digest && seal.isPublished).sort(byPlace);
	return said ?? first;
}

function compareSeals(left: SealRow, right: SealRow): number {
	const [one, other]: (Epoch | null)[] = [left.content.body.epoch, right.content.body.epoch];
	const byEpoch = compareEpochs(one ?? null, other ?? null);
	if (byEpoch !== 0) return byEpoch;
	if (left.digest !== right.digest) return left.digest < right.digest ? -1 : 1;
	return byPlace(left, right);
}

function byPlace(left: { readonly place: string }, right: { readonly place: string }): number {
	return left.place < right.place ? -1 : left.place > right.place ? 1 : 0;
}

type Step = Decision | SealRow;

function compareSteps(left: Step, right: Step): number {
	return left.round - right.round || phaseOf(left) - phaseOf(right) || byPlace(left, right);
}

/** A round begins with a retry, and nobody collects what has not ended: no clock that is wrong may change that. */
function phaseOf({ content }: Step): number {
	if (content.kind === "retried") return 0;
	return content.kind === "collected" ? 2 : 1;
}

function beginning({ isHeld, expiresAtMs }: CourseStart): Course {
	return {
		round: 0,
		inProgressAtMs: null,
		cancellingAtMs: null,
		expiresAtMs,
		collectedAtMs: null,
		isHeld,
		rehearsed: null,
		pause: null,
		overruled: [],
		givenUp: null,
		warning: null,
		model: null,
		total: 0,
		faults: [],
		notices: [],
		invalidAtMs: null,
		sealed: null,
		machines: null,
	};
}

function step(course: Course, one: Step): Course {
	const { content } = one;
	if (content.kind === "seal" || content.kind === "published") return "digest" in one ? ended(course, one) : course;
	return decided(course, content, one.atMs);
}

function ended(course: Course, seal: SealRow): Course {
	if (!isOpen(course)) return course;
	const faults: readonly Fault[] = seal.content.body.faults;
	return { ...course, sealed: seal, faults, pause: null, warning: null, givenUp: null };
}

function isOpen({ sealed, invalidAtMs }: Course): boolean {
	return sealed === null && invalidAtMs === null;
}

function decided(course: Course, content: Decided, atMs: number): Course {
	switch (content.kind) {
		case "validated": {
			if (course.inProgressAtMs !== null || course.invalidAtMs !== null) return course;
			const { total, model, notices } = content.body;
			return { ...course, total, model, notices, inProgressAtMs: atMs };
		}
		case "invalid":
			if (!isOpen(course) || course.inProgressAtMs !== null) return course;
			return { ...course, faults: content.body.faults, invalidAtMs: atMs, pause: null, warning: null };
		case "collected":
			return isOpen(course) || course.collectedAtMs !== null ? course : { ...course, collectedAtMs: atMs };
		case "retried":
			return reopened(course, content.body, atMs);
		case "chosen":
			return course;
		case "resumed":
			return resumed(course);
		default:
			return isOpen(course) ? steered(course, content, atMs) : course;
	}
}

/** What may be decided of a batch that has not ended. */
type Steering = Exclude<Decided, { kind: "validated" | "invalid" | "collected" | "retried" | "chosen" | "resumed" }>;

function steered(course: Course, content: Steering, atMs: number): Course {
	switch (content.kind) {
		case "cancel":
			return course.cancellingAtMs === null ? { ...course, cancellingAtMs: atMs } : course;
		case "rehearsed":
			return course.rehearsed === null ? { ...course, rehearsed: { ...content.body.figures, atMs } } : course;
		case "queued":
			return course.isHeld ? { ...course, isHeld: false, expiresAtMs: atMs + content.body.windowMs } : course;
		case "paused": {
			const { cause, message } = content.body;
			return course.pause === null ? { ...course, pause: { cause, message, atMs } } : course;
		}
		case "gave-up":
			return course.givenUp === null ? { ...course, givenUp: { fault: content.body.fault, atMs } } : course;
		case "warned": {
			const { message } = content.body;
			return { ...course, warning: message === null ? null : { message, atMs } };
		}
		default:
			return assertNever(content);
	}
}

function resumed(course: Course): Course {
	if (course.pause === null) return course;
	const { cause } = course.pause;
	// People may pause it as often as they like.
	const isKnown = cause === "user" || course.overruled.includes(cause);
	return { ...course, pause: null, overruled: isKnown ? course.overruled : [...course.overruled, cause] };
}

function reopened(course: Course, { windowMs }: OpBody<"retried">, atMs: number): Course {
	return {
		...course,
		sealed: null,
		cancellingAtMs: null,
		faults: [],
		collectedAtMs: null,
		expiresAtMs: atMs + windowMs,
		rehearsed: course.isHeld ? null : course.rehearsed,
	};
}

/** The choice of the highest revision; of two the one that stands later in the order. */
function chosenOf(decisions: readonly Decision[]): Course["machines"] {
	let latest: { readonly revision: number; readonly origin: string; readonly body: OpBody<"chosen"> } | null = null;
	for (const { content, place } of decisions) {
		if (content.kind !== "chosen") continue;
		const { revision } = content.body;
		const origin = place.slice(place.indexOf(" ") + 1);
		if (latest !== null && (revision < latest.revision || (revision === latest.revision && origin < latest.origin)))
			continue;
		latest = { revision, origin, body: content.body };
	}
	return latest === null ? null : { revision: latest.revision, only: latest.body.only, never: latest.body.never };
}
