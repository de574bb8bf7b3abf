/** Writes the files that hold one picture in several sizes, of finished PNGs: Windows' .ico and macOS' .icns. Pure. */

/** A square picture. */
export interface SizedPng {
	/** Pixels a side. */
	readonly size: number;
	readonly png: Buffer;
}

/** The largest picture an .ico can hold: its sizes are one byte, of which 0 means 256. */
const LARGEST_ICO_SIZE = 256;

/** An .ico of PNGs, which Windows reads since Vista. Throws RangeError for a size it can't say. */
export function ico(pictures: readonly SizedPng[]): Buffer {
	const header = Buffer.alloc(6);
	header.writeUInt16LE(1, 2);
	header.writeUInt16LE(pictures.length, 4);
	let offset = header.length + 16 * pictures.length;
	const entries = pictures.map(({ size, png }) => {
		if (size > LARGEST_ICO_SIZE) throw new RangeError(`An .ico holds no picture of ${size} pixels.`);
		const entry = Buffer.alloc(16);
		entry.writeUInt8(size % LARGEST_ICO_SIZE, 0);
		entry.writeUInt8(size % LARGEST_ICO_SIZE, 1);
		// One plane, 32 bits a pixel.
		entry.writeUInt16LE(1, 4);
		entry.writeUInt16LE(32, 6);
		entry.writeUInt32LE(png.length, 8);
		entry.writeUInt32LE(offset, 12);
		offset += png.length;
		return entry;
	});
	return Buffer.concat([header, ...entries, ...pictures.map(({ png }) => png)]);
}

/** The pictures of an .ico, in its order; null where the bytes are no .ico. */
export function readIco(bytes: Buffer): readonly SizedPng[] | null {
	if (bytes.length < 6 || bytes.readUInt32LE(0) !== 0x0001_0000) return null;
	return Array.from({ length: bytes.readUInt16LE(4) }, (_, index) => {
		const at = 6 + 16 * index;
		const start = bytes.readUInt32LE(at + 12);
		const png = bytes.subarray(start, start + bytes.readUInt32LE(at + 8));
		return { size: bytes.readUInt8(at) || LARGEST_ICO_SIZE, png };
	});
}

/** Names that .icns gives PNGs: of a size alone, and of twice the size for fine screens. */
const icnsTypes: readonly { readonly type: string; readonly size: number }[] = [
	{ type: "icp4", size: 16 },
	{ type: "ic11", size: 32 },
	{ type: "icp5", size: 32 },
	{ type: "ic12", size: 64 },
	{ type: "ic07", size: 128 },
	{ type: "ic13", size: 256 },
	{ type: "ic08", size: 256 },
	{ type: "ic14", size: 512 },
	{ type: "ic09", size: 512 },
	{ type: "ic10", size: 1024 },
];

/** Sizes that `icns` needs. */
export const icnsSizes: readonly number[] = [...new Set(icnsTypes.map(({ size }) => size))];

/** An .icns of all sizes macOS shows. Throws RangeError when one is missing. */
export function icns(pictures: readonly SizedPng[]): Buffer {
	const blocks = icnsTypes.map(({ type, size }) => {
		const picture = pictures.find((one) => one.size === size);
		if (picture === undefined) throw new RangeError(`An .icns needs a picture of ${size} pixels.`);
		return icnsBlock(type, picture.png);
	});
	return icnsBlock("icns", Buffer.concat(blocks));
}

/** Four letters, the length with these eight bytes, and the content. */
function icnsBlock(type: string, content: Buffer): Buffer {
	const head = Buffer.alloc(8);
	head.write(type, "latin1");
	head.writeUInt32BE(content.length + head.length, 4);
	return Buffer.concat([head, content]);
}
