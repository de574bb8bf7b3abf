import { InsufficientMemoryError } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { createRoom, createRoomBeside, parseUnmappedBytes } from "./room.ts";

describe("room in the memory", () => {
	it("is less after something was taken, and refuses what is more than it has", () => {
		const room = createRoom();
		const { freeBytes } = room;
		expect(freeBytes).toBeLessThan(process.availableMemory());
		room.take(1_000);
		expect(room.freeBytes).toBe(freeBytes - 1_000);
		expect(() => room.check(freeBytes)).toThrow(InsufficientMemoryError);
		expect(() => room.check(freeBytes - 1_000)).not.toThrow();
	});

	it("is kept for the weights beside another model", async () => {
		const { freeBytes } = await createRoomBeside(0);
		// What is free changes by itself between two looks, but not by a quarter.
		expect((await createRoomBeside(freeBytes / 2)).freeBytes).toBeLessThan(freeBytes * 0.75);
		await expect(createRoomBeside(2 ** 50)).rejects.toThrow(InsufficientMemoryError);
	});

	it("leaves out files that programs have mapped, which the system calls free", () => {
		expect(parseUnmappedBytes("MemFree: 5 kB\nMemAvailable:      100 kB\nMapped:   40 kB\n")).toBe(60 * 1_024);
		expect(parseUnmappedBytes("MemFree: 5 kB\n")).toBeNull();
	});
});
