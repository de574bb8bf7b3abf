import type { MessageBoxOptions } from "electron";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeApp } from "../testing/fake-app.ts";
import { createFakeLink, type FakeLink } from "../testing/fake-link.ts";
import { createFakeLog, type FakeLog } from "../testing/fake-log.ts";
import { createFakeMemory, type FakeMemory } from "../testing/fake-memory.ts";
import { batchesOf, machineOn, sampleBatch, up } from "../testing/sample-state.ts";
import { createQuit, type Quit } from "./quit.ts";

let app: FakeApp;
let link: FakeLink;
let memory: FakeMemory;
let quit: Quit;
let service: "up" | "stopping" | "stopped";
let stopped: PromiseWithResolvers<void>;
let questions: MessageBoxOptions[];
let answered: PromiseWithResolvers<{ response: number; checkboxChecked: boolean }>;
let isInBackground: boolean;
let log: FakeLog;

function start(): void {
	quit = createQuit({
		app,
		link,
		memory,
		dialog: {
			showMessageBox(options) {
				questions.push(options);
				return answered.promise;
			},
		},
		async stopService() {
			service = "stopping";
			await stopped.promise;
			service = "stopped";
		},
		toBackground() {
			isInBackground = true;
		},
		log,
	});
}

/** What was promised meanwhile has happened. */
async function settle(): Promise<void> {
	await vi.advanceTimersByTimeAsync(0);
}

const working = { service: up, batches: batchesOf(sampleBatch("a")), machine: machineOn("run") };

beforeEach(() => {
	vi.useFakeTimers();
	app = new FakeApp();
	app.becomeReady();
	link = createFakeLink({ service: up });
	memory = createFakeMemory();
	service = "up";
	stopped = Promise.withResolvers();
	answered = Promise.withResolvers();
	questions = [];
	isInBackground = false;
	log = createFakeLog();
	start();
});
afterEach(() => vi.useRealTimers());

test("without work nobody is asked, and Electron goes only when the service has gone", async () => {
	memory.remember({ lastFolder: "/home" });
	quit.request();
	await settle();
	expect(service).toBe("stopping");
	expect(app.phase).toBe("ready");
	stopped.resolve();
	await settle();
	expect(service).toBe("stopped");
	expect(memory.isSettled).toBe(true);
	expect(app.phase).toBe("quit");
	expect(questions).toEqual([]);
});

test("while lines run it asks, and says what becomes of them", async () => {
	link.become(working);
	quit.request();
	expect(questions).toMatchObject([{ detail: "Lines in work begin again next time; finished ones are kept." }]);
	expect(service).toBe("up");
	stopped.resolve();
	answered.resolve({ response: 0, checkboxChecked: false });
	await settle();
	expect(app.phase).toBe("quit");
	expect(memory.current.quitWhileWorking).toBe("ask");
});

test("work that waits for the night is worth a question too, in other words", async () => {
	link.become({ ...working, machine: machineOn("leave") });
	quit.request();
	expect(questions).toMatchObject([{ message: "A batch waits to be worked on. Quit all the same?" }]);
});

test("keeping on puts the windows away and asks again next time, also with the box ticked", async () => {
	link.become(working);
	quit.request();
	answered.resolve({ response: 1, checkboxChecked: true });
	await settle();
	expect([app.phase, service, isInBackground]).toEqual(["ready", "up", true]);
	answered = Promise.withResolvers();
	quit.request();
	expect(questions).toHaveLength(2);
});

test("who does not want to be asked again is not", async () => {
	link.become(working);
	stopped.resolve();
	quit.request();
	answered.resolve({ response: 0, checkboxChecked: true });
	await settle();
	expect(memory.current.quitWhileWorking).toBe("quit");
	app = new FakeApp();
	app.becomeReady();
	start();
	quit.request();
	await settle();
	expect(app.phase).toBe("quit");
	expect(questions).toHaveLength(1);
});

test("quitting twice asks once and stops once", async () => {
	link.become(working);
	quit.request();
	app.quit();
	expect(questions).toHaveLength(1);
	answered.resolve({ response: 0, checkboxChecked: false });
	await settle();
	app.quit();
	expect(app.phase).toBe("ready");
	stopped.resolve();
	await settle();
	expect(app.phase).toBe("quit");
});

test("a service that does not end is not waited for for ever", async () => {
	quit.request();
	await vi.advanceTimersByTimeAsync(19_000);
	expect(app.phase).toBe("ready");
	await vi.advanceTimersByTimeAsync(2_000);
	expect(app.phase).toBe("quit");
	expect(log.lines).toEqual([expect.stringMatching(/has not ended in time.*20000/)]);
});

test("the end of the system never asks, and waits only as long as systems do", async () => {
	link.become(working);
	quit.systemEnd();
	expect(questions).toEqual([]);
	await vi.advanceTimersByTimeAsync(5_000);
	expect(app.phase).toBe("quit");
});

test("the end of the system overtakes an open question and a slow end", async () => {
	link.become(working);
	quit.request();
	quit.systemEnd();
	await vi.advanceTimersByTimeAsync(5_000);
	expect(app.phase).toBe("quit");
	answered.resolve({ response: 1, checkboxChecked: false });
	await settle();
	expect(isInBackground).toBe(false);
});

test("the end of a Windows session begins to stop the service at once, and asks nothing", async () => {
	link.become(working);
	quit.sessionEnd();
	expect(service).toBe("stopping");
	app.quit();
	expect(questions).toEqual([]);
});

test("an installation finds everything ended and is not asked about, though work waits", async () => {
	link.become(working);
	const way = quit.makeWay();
	await settle();
	expect(service).toBe("stopping");
	stopped.resolve();
	await way;
	app.quit();
	expect(app.phase).toBe("quit");
	expect(questions).toEqual([]);
});

test("when nothing came of an installation, quitting asks and stops as before", async () => {
	link.become(working);
	stopped.resolve();
	await quit.makeWay();
	quit.stay();
	service = "up";
	quit.request();
	expect(app.phase).toBe("ready");
	expect(questions).toHaveLength(1);
	answered.resolve({ response: 0, checkboxChecked: false });
	await settle();
	expect(service).toBe("stopped");
	expect(app.phase).toBe("quit");
});
