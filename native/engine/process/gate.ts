/**
 * The gate before batch work. Owns whether it is open, and who waits for the batch step in flight to end. Must never stop a
 * step that runs.
 */

/** An open or closed gate. */
export interface Gate {
	/** Whether work of this priority may move now: live work always may. */
	lets(priority: "batch" | "interactive"): boolean;
	/** Resolves when no batch step is running, or when the gate is opened again. */
	close(): Promise<void>;
	open(): void;
	/** A step begins; `withBatch`: it moves batch work. */
	stepBegins(withBatch: boolean): void;
	stepEnds(): void;
}

/** An open gate. */
export function createGate(): Gate {
	let isOpen = true;
	let batchStepRunning = false;
	let waiters: (() => void)[] = [];
	const release = (): void => {
		const released = waiters;
		waiters = [];
		for (const resolve of released) resolve();
	};
	return {
		lets: (priority) => isOpen || priority === "interactive",
		close() {
			isOpen = false;
			return new Promise((resolve) => {
				waiters.push(resolve);
				if (!batchStepRunning) release();
			});
		},
		open() {
			isOpen = true;
			release();
		},
		stepBegins(withBatch) {
			batchStepRunning = withBatch;
		},
		stepEnds() {
			batchStepRunning = false;
			release();
		},
	};
}
