/** When to look: by the pace, when a source has news, and when somebody asks; one look at a time. */
import type { Clock, Log } from "../base/base.ts";
import type { LookPace } from "./machine.ts";

/** A cause must stop work within 2 s of showing; while nothing runs a look now and then is enough to show people. */
const PACE_MS: Readonly<Record<LookPace, number>> = { closely: 2_000, seldom: 15_000 };
/** Sources may have much news at once, e.g. when a user logs in. */
const NEWS_EVERY_MS = 250;

/** What it takes. */
export interface LookLoopDeps<T> {
	readonly clock: Clock;
	readonly log: Log;
	/** Looks once. */
	readonly run: () => Promise<T>;
}

/** Looks again and again. */
export interface LookLoop<T> {
	/** Looks now; while a look is under way answers the one after it. */
	look(): Promise<T>;
	/** Looks soon: at once, but for news just after other news. */
	news(): void;
	setPace(pace: LookPace): void;
	/** Begins no more looks, and waits for the one under way. */
	stop(): Promise<void>;
}

/** Makes a loop that looks seldom. The first look comes as soon as what runs now has run. */
export function createLookLoop<T>({ clock, log, run }: LookLoopDeps<T>): LookLoop<T> {
	let pace: LookPace = "seldom";
	let timer: NodeJS.Timeout | null = null;
	let newsTimer: NodeJS.Timeout | null = null;
	let newsMs = Number.NEGATIVE_INFINITY;
	let beganMs = Number.NEGATIVE_INFINITY;
	let current: Promise<T> | null = null;
	let next: Promise<T> | null = null;
	let isStopped = false;

	function begin(): Promise<T> {
		next = null;
		stopTimer();
		beganMs = clock.monotonicMs();
		// A source may have news while it is asked, so the look has to be known before it begins.
		const looking = Promise.resolve().then(run);
		current = looking.finally(() => {
			current = null;
			schedule();
		});
		return current;
	}

	function look(): Promise<T> {
		if (next !== null) return next;
		if (current === null) return begin();
		next = current.then(begin, begin);
		return next;
	}

	/** For looks that nobody waits for. */
	function lookUnasked(): void {
		look().catch((error: unknown) => log.error({ error: String(error) }, "looking at this computer failed"));
	}

	function schedule(): void {
		stopTimer();
		if (isStopped || current !== null || next !== null) return;
		const leftMs = beganMs + PACE_MS[pace] - clock.monotonicMs();
		timer = setTimeout(lookUnasked, Math.max(0, Math.ceil(leftMs)));
		timer.unref();
	}

	function stopTimer(): void {
		if (timer !== null) clearTimeout(timer);
		timer = null;
	}

	function lookForNews(): void {
		newsTimer = null;
		newsMs = clock.monotonicMs();
		lookUnasked();
	}

	schedule();
	return {
		look,
		news() {
			if (isStopped || newsTimer !== null) return;
			const leftMs = newsMs + NEWS_EVERY_MS - clock.monotonicMs();
			if (leftMs <= 0) return lookForNews();
			newsTimer = setTimeout(lookForNews, Math.ceil(leftMs));
			newsTimer.unref();
		},
		setPace(wanted) {
			if (wanted === pace) return;
			pace = wanted;
			schedule();
		},
		async stop() {
			isStopped = true;
			stopTimer();
			if (newsTimer !== null) clearTimeout(newsTimer);
			newsTimer = null;
			// Whoever asked for it hears how it went.
			while (current !== null || next !== null) await Promise.allSettled([next ?? current]);
		},
	};
}
