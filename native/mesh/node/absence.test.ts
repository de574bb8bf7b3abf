import { expect, test } from "vitest";
import { bootOf, helloOf, hostInHand, takeInHand } from "../core/testing.ts";
import { sampleAbout } from "../testing.ts";
import { ABSENT_MS, createAbsence } from "./absence.ts";
import type { Told } from "./view.ts";

const said = (origin: string | null): Told => ({ about: sampleAbout, hosting: "allowed", origin });

test("a host does others' part once it was host for long, but not of those that it hears", () => {
	const host = hostInHand("a", ["a", "b", "c"]);
	const absence = createAbsence("a/1");
	const told = new Map([
		["b", said("b/1")],
		["c", said("c/1")],
	]);
	const hearB = () => void host.hear("b", helloOf());
	expect(absence.look(host.state, told)).toBeNull();
	host.wait(ABSENT_MS - 1_000, hearB);
	expect(absence.look(host.state, told)).toBeUndefined();
	host.wait(2_000, hearB);
	expect(absence.look(host.state, told)).toEqual(["a/1", "b/1"]);
	expect(absence.look(host.state, told)).toBeUndefined();
	host.hear("c", helloOf());
	expect(absence.look(host.state, told)).toEqual(["a/1", "b/1", "c/1"]);
	host.wait(ABSENT_MS + 1_000, hearB);
	expect(absence.look(host.state, told)).toEqual(["a/1", "b/1"]);
});

test("it does nobody's part while one is there that has not said which log is its own", () => {
	const host = hostInHand("a", ["a", "b"]);
	const absence = createAbsence("a/1");
	absence.look(host.state, new Map());
	host.wait(ABSENT_MS + 1_000, () => void host.hear("b", helloOf()));
	expect(absence.look(host.state, new Map([["b", said(null)]]))).toBeUndefined();
	expect(absence.look(host.state, new Map())).toBeUndefined();
	expect(absence.look(host.state, new Map([["b", said("b/1")]]))).toEqual(["a/1", "b/1"]);
});

test("a computer that slept hears everybody anew first", () => {
	const host = hostInHand("a", ["a", "b"]);
	const absence = createAbsence("a/1");
	absence.look(host.state, new Map());
	host.wait(ABSENT_MS + 1_000);
	expect(absence.look(host.state, new Map())).toEqual(["a/1"]);
	host.stand(60_000, false);
	host.save(host.wait(12_000));
	expect(absence.look(host.state, new Map())).toBeNull();
});

test("a machine that is no host does nobody's part", () => {
	const worker = takeInHand(bootOf("a", ["a", "b"], { mayHost: false }));
	const absence = createAbsence("a/1");
	expect(absence.look(worker.state, new Map())).toBeNull();
	worker.wait(ABSENT_MS + 20_000);
	expect(absence.look(worker.state, new Map())).toBeUndefined();
});
