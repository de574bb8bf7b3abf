import { describe, expect, it } from "vitest";
import type { LoadOptions } from "../engine.ts";
import { chooseBatchShape, chooseLiveShape, type Shape, smallerBatchShape, smallerLiveShape } from "./shape.ts";

const OPEN: LoadOptions = {
	lanes: null,
	contextTokens: null,
	gpuLayers: null,
	threads: null,
	interactiveLanes: 2,
	interactiveContextTokens: null,
	beside: false,
};
const FACTS = { hasGpu: false, trainedContextTokens: 32_768 };

function batchShapes(options: LoadOptions): readonly Shape[] {
	const shapes: Shape[] = [];
	for (let shape = chooseBatchShape(options, FACTS); shape !== null; shape = smallerBatchShape(shape, options)) {
		shapes.push(shape);
	}
	return shapes;
}

function liveSizes(options: LoadOptions): readonly number[] {
	const sizes: number[] = [];
	for (let shape = chooseLiveShape(options, FACTS); shape !== null; shape = smallerLiveShape(shape, options)) {
		sizes.push(shape.contextTokens);
	}
	return sizes;
}

describe("the shape of batch lanes", () => {
	it("is what was asked for, within what the model and llama.cpp can do", () => {
		expect(chooseBatchShape({ ...OPEN, lanes: 3, contextTokens: 100_000 }, FACTS)).toMatchObject({
			lanes: 3,
			contextTokens: 32_768,
		});
		expect(chooseBatchShape({ ...OPEN, lanes: 1_000 }, FACTS)?.lanes).toBe(256);
		expect(chooseBatchShape({ ...OPEN, lanes: 0 }, FACTS)).toBeNull();
	});

	it("shrinks in steps to a single small lane, in multiples of four as long as it can", () => {
		const shapes = batchShapes(OPEN);
		expect(shapes.at(-1)).toMatchObject({ lanes: 1, contextTokens: 512 });
		expect(shapes.every((shape) => shape.lanes < 4 || shape.lanes % 4 === 0)).toBe(true);
		expect(shapes.length).toBeLessThan(20);
	});

	it("never gives up what was asked for, and nothing at all beside another model", () => {
		expect(batchShapes({ ...OPEN, lanes: 8, contextTokens: 2_048 })).toHaveLength(1);
		expect(batchShapes({ ...OPEN, beside: true })).toHaveLength(1);
	});
});

describe("the shape of live lanes", () => {
	it("is as long as editors' prompts, and half of that again and again where the memory is small", () => {
		expect(liveSizes(OPEN)).toEqual([16_384, 8_192, 4_096, 2_048, 1_024, 512]);
		expect(liveSizes({ ...OPEN, beside: true })).toHaveLength(6);
	});

	it("is what was asked for, within what the model was trained on, and no less", () => {
		expect(liveSizes({ ...OPEN, interactiveContextTokens: 20_000 })).toEqual([20_000]);
		expect(liveSizes({ ...OPEN, interactiveContextTokens: 100_000 })).toEqual([32_768]);
	});

	it("is nothing where no live lanes are wanted", () => {
		expect(chooseLiveShape({ ...OPEN, interactiveLanes: 0 }, FACTS)).toBeNull();
	});
});
