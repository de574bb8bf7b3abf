/** The lane sweep: our engine alone, with several lane counts taking turns. Must never judge; it shows. */
import { err, ok, type Result } from "../../native/base/base.ts";
import type { Engine } from "../../native/engine/engine.ts";
import { linesPerSecond, type SideRun } from "./engine-rates.ts";
import { loadOurs, type OurOptions, runOurs } from "./our-engine.ts";
import type { BenchCase } from "./tickets.ts";

/** Lane counts tried: around the powers of two that CPUs like, and between them. */
export const sweptLanes: readonly number[] = [4, 8, 12, 16, 24, 32];

/** One lane count on one case. */
export interface LaneFigures {
	readonly lanes: number;
	readonly caseName: string;
	readonly runs: readonly SideRun[];
}

/** A quarter of the lines shows the shape; every lane gets several. */
const sweepShare = 1 / 4;
const sweepLinesPerLane = 4;
const warmUpRound = 900;

/** Measures every case with every lane count, `rounds` times each, one round after the other. */
export async function sweepLanes(
	engine: Engine,
	options: OurOptions,
	cases: readonly BenchCase[],
	rounds: number,
	say: (text: string) => void,
): Promise<Result<readonly LaneFigures[], string>> {
	const runs = new Map<string, SideRun[]>();
	for (let round = 1; round <= rounds; round++) {
		for (const lanes of sweptLanes) {
			const loaded = await loadOurs(engine, { ...options, lanes });
			if (!loaded.ok) return loaded;
			for (const benchCase of cases) {
				await runOurs(engine, lanes, benchCase.lines(warmUpRound, lanes));
				const count = Math.max(Math.ceil(benchCase.lineCount * sweepShare), lanes * sweepLinesPerLane);
				const run = await runOurs(engine, lanes, benchCase.lines(round, count));
				if (run.firstFailure !== null) return err(run.firstFailure);
				const key = `${lanes} ${benchCase.name}`;
				runs.set(key, [...(runs.get(key) ?? []), run]);
				say(`${benchCase.name}, ${lanes} lanes, round ${round}: ${linesPerSecond(run).toFixed(2)} lines/s`);
			}
		}
	}
	return ok(
		cases.flatMap((benchCase) =>
			sweptLanes.map((lanes) => ({
				lanes,
				caseName: benchCase.name,
				runs: runs.get(`${lanes} ${benchCase.name}`) ?? [],
			})),
		),
	);
}
