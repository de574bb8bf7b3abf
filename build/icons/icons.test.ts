import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { icns, icnsSizes, ico, readIco } from "./containers.ts";
import { type IconFile, iconFiles, trayColours, trayStates } from "./pictures.ts";
import { assetsDir, digestPath, sourceDigest } from "./source.ts";

const PNG_SIGNATURE = "89504e470d0a1a0a";

/** Width, height, bits a channel and colour type, as a PNG's first chunk says them (PNG specification, 11.2.1). */
function pngHead(png: Buffer): { readonly width: number; readonly height: number; readonly kind: string } {
	expect(png.subarray(0, 8).toString("hex")).toBe(PNG_SIGNATURE);
	return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), kind: `${png[24]} bits, type ${png[25]}` };
}

/** Every pixel of a PNG with alpha, as red, green, blue, alpha; the five filters undone (PNG specification, 9.2). */
function pixels(png: Buffer): readonly (readonly [number, number, number, number])[] {
	const { width, height } = pngHead(png);
	const chunks: Buffer[] = [];
	for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
		if (png.toString("latin1", at + 4, at + 8) === "IDAT")
			chunks.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
	}
	const rows = inflateSync(Buffer.concat(chunks));
	const stride = width * 4;
	const plain = Buffer.alloc(stride * height);
	for (let y = 0; y < height; y++) {
		const filter = rows[y * (stride + 1)];
		for (let x = 0; x < stride; x++) {
			const left = x < 4 ? 0 : (plain[y * stride + x - 4] ?? 0);
			const up = y === 0 ? 0 : (plain[(y - 1) * stride + x] ?? 0);
			const corner = x < 4 || y === 0 ? 0 : (plain[(y - 1) * stride + x - 4] ?? 0);
			const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0;
			plain[y * stride + x] = ((rows[y * (stride + 1) + 1 + x] ?? 0) + guess) & 255;
		}
	}
	return Array.from({ length: width * height }, (_, index) => {
		const [red = 0, green = 0, blue = 0, alpha = 0] = plain.subarray(index * 4, index * 4 + 4);
		return [red, green, blue, alpha] as const;
	});
}

function paeth(left: number, up: number, corner: number): number {
	const guess = left + up - corner;
	const [toLeft, toUp, toCorner] = [left, up, corner].map((one) => Math.abs(guess - one)) as [number, number, number];
	if (toLeft <= toUp && toLeft <= toCorner) return left;
	return toUp <= toCorner ? up : corner;
}

const read = (file: IconFile): Buffer => readFileSync(join(assetsDir, file.path));

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
function luminance(colour: string): number {
	const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
		const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
	const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
	return (light + 0.05) / (dark + 0.05);
}

describe("the committed icons", () => {
	test("are made of the drawing and the renderer as they are now", () => {
		expect(readFileSync(digestPath, "utf8").trim(), "run `npm run icons` and commit what it writes").toBe(
			sourceDigest(),
		);
	});

	test.each(iconFiles)("$path has its sizes, each a PNG with alpha", (file) => {
		const bytes = read(file);
		const sizes = file.pictures.map(({ size }) => size);
		switch (file.format) {
			case "png":
				expect(pngHead(bytes)).toEqual({ width: sizes[0], height: sizes[0], kind: "8 bits, type 6" });
				break;
			case "ico":
				expect(readIco(bytes)?.map(({ png }) => pngHead(png).width)).toEqual(sizes);
				expect(readIco(bytes)?.map(({ size }) => size)).toEqual(sizes);
				break;
			case "icns":
				expect(bytes.toString("latin1", 0, 4)).toBe("icns");
				expect(bytes.readUInt32BE(4)).toBe(bytes.length);
				break;
			default:
				file.format satisfies never;
		}
	});

	test("are all there is in the tray's folders", () => {
		const listed = iconFiles.map(({ path }) => path).filter((path) => path.startsWith("tray/"));
		const found = readdirSync(join(assetsDir, "tray"), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile())
			.map((entry) =>
				join(entry.parentPath, entry.name)
					.slice(assetsDir.length + 1)
					.replaceAll("\\", "/"),
			);
		expect(found.sort()).toEqual([...listed].sort());
	});

	test("of macOS' tray are black with alpha and nothing else, for macOS colours them itself", () => {
		for (const file of iconFiles.filter(({ path }) => path.startsWith("tray/darwin/"))) {
			const seen = pixels(read(file)).filter(([, , , alpha]) => alpha > 0);
			expect(seen.length, file.path).toBeGreaterThan(0);
			expect(
				seen.every(([red, green, blue]) => red + green + blue === 0),
				file.path,
			).toBe(true);
		}
	});

	test.each(["tray/darwin/", "tray/linux/"])("of %s differ in shape, not only in colour", (folder) => {
		const files = iconFiles.filter(({ path }) => path.startsWith(folder) && !path.includes("@2x"));
		expect(files).toHaveLength(trayStates.length);
		const shapes = files.map((file) => pixels(read(file)).map(([, , , alpha]) => alpha > 127));
		for (const [index, one] of shapes.entries()) {
			for (const other of shapes.slice(index + 1)) {
				// Three pixels in a hundred: on a grid of 16 a whole bar of a badge.
				const different = one.filter((isInked, at) => isInked !== other[at]).length;
				expect(different / one.length).toBeGreaterThan(0.03);
			}
		}
	});

	test.each(trayStates)("of the state %s can be seen on light and on dark panels", (state) => {
		for (const colour of Object.values(trayColours[state])) {
			for (const panel of ["#ffffff", "#31363b", "#1f1f1f", "#000000"]) {
				expect(contrast(colour, panel), `${colour} on ${panel}`).toBeGreaterThanOrEqual(3);
			}
		}
	});
});

describe("containers", () => {
	test("an .ico gives back what was put in, 256 pixels too", () => {
		const pictures = [16, 256].map((size) => ({ size, png: Buffer.from(`picture of ${size}`) }));
		expect(readIco(ico(pictures))).toEqual(pictures);
	});

	test("an .ico refuses a size it can't say, and other bytes are no .ico", () => {
		expect(() => ico([{ size: 512, png: Buffer.alloc(1) }])).toThrow(RangeError);
		expect(readIco(Buffer.from("GIF89a"))).toBeNull();
	});

	test("an .icns has every block at the length it says, and refuses to lack a size", () => {
		const bytes = icns(icnsSizes.map((size) => ({ size, png: Buffer.alloc(size) })));
		const types: string[] = [];
		for (let at = 8; at < bytes.length; at += bytes.readUInt32BE(at + 4))
			types.push(bytes.toString("latin1", at, at + 4));
		expect(types).toEqual(["icp4", "ic11", "icp5", "ic12", "ic07", "ic13", "ic08", "ic14", "ic09", "ic10"]);
		expect(() => icns([{ size: 16, png: Buffer.alloc(1) }])).toThrow(RangeError);
	});
});
