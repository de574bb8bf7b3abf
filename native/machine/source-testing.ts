/** Sources and what they tell, for tests. Must never be imported by the product. */
import { ok, type Result } from "../base/base.ts";
import type { Question, SeenGpu, SeenProcess, Sight, Source, SourceFault } from "./source.ts";

/** A GPU of which nothing is known but that it is there. */
export function sampleGpu(changes: Partial<SeenGpu> = {}): SeenGpu {
	return {
		id: "nvidia:GPU-1",
		name: "Test GPU",
		vendor: "nvidia",
		pciAddress: null,
		totalBytes: null,
		usedBytes: null,
		busyFraction: null,
		powerWatts: null,
		powerLimitWatts: null,
		temperatureCelsius: null,
		clockMegahertz: null,
		processes: null,
		...changes,
	};
}

/** A process on a GPU. */
export function sampleProcess(pid: number, changes: Partial<SeenProcess> = {}): SeenProcess {
	return { pid, name: `program ${pid}`, memoryBytes: null, busyFraction: null, ...changes };
}

/** A source that a test plays. */
export interface FakeSource extends Source {
	/** What the next looks answer. */
	answer: (question: Question) => Promise<Result<Sight, SourceFault>> | Result<Sight, SourceFault>;
	readonly questions: Question[];
	readonly isStopped: boolean;
	/** Says it has news. */
	tell(): void;
}

/** Makes one that tells a sight. */
export function fakeSource(name: string, sight: Sight = {}): FakeSource {
	const questions: Question[] = [];
	let hear = (): void => {};
	let isStopped = false;
	return {
		name,
		tells: `what ${name} knows`,
		questions,
		get isStopped() {
			return isStopped;
		},
		answer: () => ok(sight),
		async look(question) {
			questions.push(question);
			return this.answer(question);
		},
		watch(onNews) {
			hear = onNews;
		},
		tell: () => hear(),
		async stop() {
			isStopped = true;
		},
	};
}
