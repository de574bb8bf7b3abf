import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinOctets, joinWithLengths, prependLength, utf8 } from "../identity/octets.ts";
import {
	type Contributions,
	type CPaceInputs,
	confirmationOf,
	generatorOf,
	generatorString,
	isConfirmed,
	multiplyShare,
	scalarOf,
	sessionKeyOf,
	shareOf,
	transcriptOf,
} from "./cpace.ts";

const hex = (octets: Uint8Array) => Buffer.from(octets).toString("hex");
const octets = (...lines: readonly string[]) => Uint8Array.from(Buffer.from(lines.join(""), "hex"));
const range = (length: number) => Uint8Array.from({ length }, (_, at) => at);

describe("draft-irtf-cfrg-cpace-21, A: strings", () => {
	test("A.1.2: prepend_len", () => {
		expect(hex(prependLength(utf8("")))).toBe("00");
		expect(hex(prependLength(utf8("1234")))).toBe("0431323334");
		expect(hex(prependLength(range(127)))).toBe(`7f${hex(range(127))}`);
		expect(hex(prependLength(range(128)))).toBe(`8001${hex(range(128))}`);
	});
	test("A.1.4: lv_cat", () => {
		expect(hex(joinWithLengths(utf8("1234"), utf8("5"), utf8(""), utf8("678")))).toBe("043132333401350003363738");
	});
	test("A.3.5: transcript_ir", () => {
		const said = (share: string, associatedData: string) => ({
			share: utf8(share),
			associatedData: utf8(associatedData),
		});
		expect(hex(transcriptOf({ initiator: said("123", "PartyA"), responder: said("234", "PartyB") }))).toBe(
			"03313233065061727479410332333406506172747942",
		);
		expect(hex(transcriptOf({ initiator: said("3456", "PartyA"), responder: said("2345", "PartyB") }))).toBe(
			"043334353606506172747941043233343506506172747942",
		);
	});
});

describe("draft-irtf-cfrg-cpace-21, B.3: ristretto255 and SHA-512", () => {
	const inputs: CPaceInputs = {
		secret: utf8("Password"),
		channel: octets("0b415f696e69746961746f720b425f726573706f6e646572"),
		sessionId: octets("7e4b4791d6a8ef019b936c79fb7f2c57"),
	};
	const ya = scalarOf(octets("da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08"));
	const yb = scalarOf(octets("d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d"));
	const contributions: Contributions = {
		initiator: {
			share: octets("d6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0eec482b9157"),
			associatedData: utf8("ADa"),
		},
		responder: {
			share: octets("3ea7e0b19560d7c0b0f5734f63b955286dfa8232b5ebe63324e2d9e7433f7258"),
			associatedData: utf8("ADb"),
		},
	};
	const k = octets("80b69a8a76457ab6a4d7f887a4bf6b55a2f80ac19c333f917a05fc9887c8b40f");

	test("B.3.1: generator_string, its hash, and the generator", () => {
		const string = generatorString(inputs);
		expect(hex(string)).toBe(
			[
				"11435061636552697374726574746f3235350850617373776f726464",
				"00".repeat(100),
				"180b415f696e69746961746f720b425f726573706f6e646572107e4b4791d6a8ef019b936c79fb7f2c57",
			].join(""),
		);
		expect(string).toHaveLength(170);
		expect(createHash("sha512").update(string).digest("hex")).toBe(
			[
				"da6d3ddc8802fca9058755ffd3ebde08a9c2c74945901a258482a288",
				"b6663af06bf645c93cd1c51512307199c80e84908916d983b34af772",
				"05f90851a657ee27",
			].join(""),
		);
		expect(hex(generatorOf(inputs).toBytes())).toBe("222b6b195fe84b1652badb6f6a3ae3d24341e7306967f0b8115b40d5698c7e56");
	});
	test("B.3.2 and B.3.3: the shares", () => {
		expect(hex(shareOf(ya ?? 0n, inputs))).toBe(hex(contributions.initiator.share));
		expect(hex(shareOf(yb ?? 0n, inputs))).toBe(hex(contributions.responder.share));
	});
	test("B.3.4: the secret point, from both sides", () => {
		expect(multiplyShare(ya ?? 0n, contributions.responder.share)).toEqual({ ok: true, value: k });
		expect(multiplyShare(yb ?? 0n, contributions.initiator.share)).toEqual({ ok: true, value: k });
	});
	test("B.3.5: transcript_ir and the key", () => {
		expect(hex(transcriptOf(contributions))).toBe(
			[
				"20d6bac480f2c386c394efc7c47adb9925dcd2630b64f240c50f8d0e",
				"ec482b915703414461203ea7e0b19560d7c0b0f5734f63b955286dfa",
				"8232b5ebe63324e2d9e7433f725803414462",
			].join(""),
		);
		expect(hex(sessionKeyOf(inputs.sessionId, k, contributions))).toBe(
			[
				"b69effbf61b51d56401c0f65601abe428de8206feaaf0e32198896dc",
				"ae7b35cd2b38950a39dfd5d4a79164614c2984f7daa460b588c1e80c",
				"3fa2068af7900447",
			].join(""),
		);
	});
	test("B.3.7: the transcript, hashed", () => {
		const said = joinOctets(utf8("CPaceSidOutput"), transcriptOf(contributions));
		expect(createHash("sha512").update(said).digest("hex")).toBe(
			[
				"bb1c449b35f0ea79a65c209f329a693d475e0ce2387bed9fe4b78f60",
				"b2a27c219813fb2cfe175ef40d2222d9261e66da7d78f7c55a303b1b",
				"8611dcdfab880c47",
			].join(""),
		);
	});
	const s = scalarOf(octets("7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05")) ?? 0n;
	test("B.3.10: multiplying a valid point", () => {
		const x = octets("2c3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c");
		expect(multiplyShare(s, x)).toEqual({
			ok: true,
			value: octets("7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e"),
		});
	});
	test("B.3.11: what is no point, and the neutral element, are refused", () => {
		const weak = { ok: false, error: { kind: "weak-share" } };
		expect(multiplyShare(s, octets("2b3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c"))).toEqual(weak);
		expect(multiplyShare(s, octets("00".repeat(32)))).toEqual(weak);
		for (const length of [0, 31, 33, 64]) expect(multiplyShare(s, new Uint8Array(length))).toEqual(weak);
		// Encodings that are no canonical ones: p itself, and a negative field element (RFC 9496, A.2).
		expect(multiplyShare(s, octets(`ed${"ff".repeat(30)}7f`))).toEqual(weak);
		expect(multiplyShare(s, octets(`01${"00".repeat(31)}`))).toEqual(weak);
	});
});

const anyOctets = fc.uint8Array({ maxLength: 40 });
const anyInputs = fc.record({ secret: anyOctets, channel: anyOctets, sessionId: anyOctets });
const random = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((octets) => scalarOf(octets) !== null);

/** The key that each side gets, with inputs of its own. */
function agree(initiator: CPaceInputs, responder: CPaceInputs, randoms: readonly [Uint8Array, Uint8Array]) {
	const [a, b] = [scalarOf(randoms[0]) ?? 1n, scalarOf(randoms[1]) ?? 1n];
	const contributions: Contributions = {
		initiator: { share: shareOf(a, initiator), associatedData: utf8("a") },
		responder: { share: shareOf(b, responder), associatedData: utf8("b") },
	};
	const [ka, kb] = [multiplyShare(a, contributions.responder.share), multiplyShare(b, contributions.initiator.share)];
	if (!ka.ok || !kb.ok) throw new Error("Shares of our own are weak");
	return {
		initiator: sessionKeyOf(initiator.sessionId, ka.value, contributions),
		responder: sessionKeyOf(responder.sessionId, kb.value, contributions),
		contributions,
	};
}

test("both sides get the same key when all they know is the same, and another when anything is not", () => {
	fc.assert(
		fc.property(anyInputs, anyInputs, fc.tuple(random, random), (one, other, randoms) => {
			const same = agree(one, { ...one }, randoms);
			expect(same.initiator).toEqual(same.responder);
			const isSame = hex(generatorString(one)) === hex(generatorString(other));
			const { initiator, responder } = agree(one, other, randoms);
			expect(hex(initiator) === hex(responder)).toBe(isSame);
		}),
		{ numRuns: 20 },
	);
});

test("the code is hashed in a block of its own, whatever its length", () => {
	fc.assert(
		fc.property(anyInputs, (inputs) => {
			const rest = joinWithLengths(inputs.channel, inputs.sessionId);
			expect(generatorString(inputs).subarray(128)).toEqual(rest);
		}),
	);
});

test("a scalar has 252 bits and is never 0", () => {
	expect(scalarOf(new Uint8Array(32))).toBeNull();
	expect(scalarOf(Uint8Array.from({ length: 32 }, (_, at) => (at === 31 ? 0xf0 : 0)))).toBeNull();
	expect(scalarOf(new Uint8Array(32).fill(255))).toBe(2n ** 252n - 1n);
	expect(scalarOf(Uint8Array.from({ length: 32 }, (_, at) => (at === 0 ? 2 : 0)))).toBe(2n);
});

test("a confirmation is right for one side, one key and one session only", () => {
	const inputs: CPaceInputs = { secret: utf8("1"), channel: utf8("2"), sessionId: utf8("3") };
	const { initiator: key, contributions } = agree(inputs, inputs, [range(32).fill(7), range(32).fill(9)]);
	const right = confirmationOf(utf8("3"), key, contributions.initiator);
	expect(isConfirmed(right, confirmationOf(utf8("3"), key, contributions.initiator))).toBe(true);
	const wrong = [
		confirmationOf(utf8("3"), key, contributions.responder),
		confirmationOf(utf8("4"), key, contributions.initiator),
		confirmationOf(
			utf8("3"),
			key.map((octet) => octet ^ 1),
			contributions.initiator,
		),
		right.subarray(1),
		new Uint8Array(0),
	];
	for (const other of wrong) expect(isConfirmed(right, other)).toBe(false);
});
