import { describe, expect, it } from "vitest";
import type { LoadOptions } from "../engine.ts";
import { chooseShape, type Shape, smallerShape } from "./shape.ts";

const OPEN: LoadOptions = { lanes: null, contextTokens: null, gpuLayers: null, threads: null, interactiveLanes: 1 };
const FACTS = { hasGpu: false, trainedContextTokens: 32_768 };

function allShapes(options: LoadOptions): readonly Shape[] {
	const shapes: Shape[] = [];
	for (let shape: Shape | null = chooseShape(options, FACTS); shape !== null; shape = smallerShape(shape, options)) {
		shapes.push(shape);
	}
	return shapes;
}

describe("the shape of lanes", () => {
	it("is what was asked for, within what the model and llama.cpp can do", () => {
		expect(chooseShape({ ...OPEN, lanes: 3, contextTokens: 100_000 }, FACTS)).toMatchObject({
			batchLanes: 3,
			contextTokens: 32_768,
		});
		expect(chooseShape({ ...OPEN, lanes: 1_000 }, FACTS).batchLanes).toBe(255);
	});

	it("shrinks in steps to a single small lane, in multiples of four as long as it can", () => {
		const shapes = allShapes(OPEN);
		expect(shapes.at(-1)).toMatchObject({ batchLanes: 1, contextTokens: 512 });
		expect(shapes.every((shape) => shape.batchLanes < 4 || shape.batchLanes % 4 === 0)).toBe(true);
		expect(shapes.length).toBeLessThan(20);
	});

	it("never gives up what was asked for", () => {
		expect(allShapes({ ...OPEN, lanes: 8, contextTokens: 2_048 })).toHaveLength(1);
	});
});
