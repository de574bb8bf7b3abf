import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readTar, TarFault } from "./tar.ts";
import { paxEntry, type TarEntry, tarOf } from "./testing.ts";

const limits = { files: 3, bytes: 10_000 };

/** The files of an archive that comes in pieces of a size. */
async function filesOf(archive: Uint8Array, pieceBytes = 700): Promise<Record<string, string>> {
	const pieces = async function* () {
		for (let from = 0; from < archive.byteLength; from += pieceBytes) yield archive.subarray(from, from + pieceBytes);
	};
	const files: Record<string, string> = {};
	for await (const file of readTar(pieces(), limits)) {
		const content: Uint8Array[] = [];
		for await (const piece of file.pieces) content.push(piece);
		files[file.path.join("/")] = Buffer.concat(content).toString();
	}
	return files;
}

const refusal = (entries: readonly TarEntry[]) =>
	filesOf(tarOf(entries)).then(
		() => "nothing",
		(error: unknown) => (error instanceof TarFault ? error.message : Promise.reject(error)),
	);

describe("an archive", () => {
	test("is read in pieces of any size, without the folder that all of a package lies in", async () => {
		const long = "x".repeat(1_300);
		const archive = tarOf([
			{ name: "package/", kind: "5" },
			{ name: "package/package.json", content: "{}" },
			{ name: "package/bins/a.so", content: long },
			{ name: "package/empty", kind: "\0" },
		]);
		for (const size of [1, 13, 512, 5_000]) {
			expect(await filesOf(archive, size)).toEqual({ "package.json": "{}", "bins/a.so": long, empty: "" });
		}
	});

	test("may tell a longer name before a file, and a remark about all of them", async () => {
		const name = `package/${"folder/".repeat(15)}file.js`;
		const global = { ...paxEntry({ comment: "made by hand" }), kind: "g" };
		const archive = tarOf([global, paxEntry({ path: name, mtime: "1" }), { name: "package/cut", content: "1" }]);
		expect(await filesOf(archive)).toEqual({ [name.slice("package/".length)]: "1" });
	});

	test.each<readonly [string, readonly TarEntry[], string]>([
		["a path up", [{ name: "package/../../evil" }], "a path that no package needs"],
		["a path from the root", [{ name: "/etc/cron.d/evil" }], "a path that no package needs"],
		["a path from a drive", [{ name: "package/C:/evil" }], "a path that no package needs"],
		["a path of Windows", [{ name: "package\\..\\evil" }], "a path that no package needs"],
		["a path with nothing in it", [{ name: "package//evil" }], "a path that no package needs"],
		["no folder", [{ name: "evil" }], "a path that no package needs"],
		["something hidden", [{ name: "package/.npmrc" }], "a path that no package needs"],
		["a device of Windows", [{ name: "package/CON.js" }], "a path that no package needs"],
		["a long name that leads up", [paxEntry({ path: "package/../evil" }), { name: "package/a" }], "that no package"],
		["a symbolic link", [{ name: "package/a", kind: "2", link: "/etc" }], "neither a file nor a folder"],
		["a hard link", [{ name: "package/a", kind: "1", link: "/etc/passwd" }], "neither a file nor a folder"],
		["a device", [{ name: "package/a", kind: "3" }], "neither a file nor a folder"],
		["a long name of GNU's kind", [{ name: "././@LongLink", kind: "L", content: "evil" }], "neither a file"],
		["a name twice, in other letters", [{ name: "package/a" }, { name: "package/A" }], "is in it twice"],
		["too many files", ["a", "b", "c", "d"].map((name) => ({ name: `package/${name}` })), "more than a package"],
		["too many bytes", [{ name: "package/a", content: "x".repeat(10_001) }], "more than a package"],
		["a size without content", [{ name: "package/a", sizeBytes: 9_000 }], "ends in the middle"],
		["a size in an extended header", [paxEntry({ size: "1" }), { name: "package/a" }], "more than a name"],
		["an extended header without end", [{ name: "package/x", kind: "x", content: "99 path=a\n" }], "damaged"],
		["an endless extended header", [{ name: "package/x", kind: "x", sizeBytes: 1e9 }], "too long"],
		["folders without end", Array.from({ length: 13 }, () => ({ name: "package/a/", kind: "5" })), "more entries"],
	])("with %s is refused", async (_what, entries, words) => {
		expect(await refusal(entries)).toContain(words);
	});

	test("that is cut off anywhere is refused", async () => {
		const archive = tarOf([{ name: "package/a", content: "x".repeat(600) }], Buffer.alloc(0));
		for (let length = 0; length < archive.byteLength; length += 100) {
			await expect(filesOf(archive.subarray(0, length))).rejects.toThrow(TarFault);
		}
	});

	test("of any bytes is files or a fault, and never anything else", async () => {
		const good = tarOf([{ name: "package/a", content: "abc" }]);
		await fc.assert(
			fc.asyncProperty(fc.array(fc.tuple(fc.nat(1_535), fc.nat(255)), { maxLength: 6 }), async (changes) => {
				const archive = Buffer.from(good);
				for (const [at, byte] of changes) archive[at] = byte;
				await filesOf(archive).catch((error: unknown) => expect(error).toBeInstanceOf(TarFault));
			}),
		);
	});
});
