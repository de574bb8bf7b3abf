/**
 * What a process uses of a GPU, as the kernel tells it for each open file of the GPU's driver. The format and which keys there are:
 * Documentation/gpu/drm-usage-stats.rst in the kernel's source. Pure.
 */

/** One open file of a driver. A client may be open as several files, in several processes too. */
export interface DrmClient {
	/** Lower case, e.g. `0000:03:00.0`. */
	readonly pciAddress: string;
	/** The same for all files of the client; only within one device. */
	readonly id: string;
	/** Of the GPU's own memory, or of main memory where it has none of its own; null: the driver does not tell. */
	readonly memoryBytes: number | null;
	/** Nanoseconds that each engine (`gfx`, `compute`, …) worked for it so far, of one unit of that engine. */
	readonly engines: ReadonlyMap<string, number>;
}

/** Units that the kernel writes; without one it is bytes. */
const UNIT_BYTES: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** Names of the GPU's own memory: amdgpu, i915 and xe. Newer kernels number the regions. */
const OWN_MEMORY = /^(vram|local)\d*$/;

/** Main memory that the GPU may use. */
const SHARED_MEMORY = /^(gtt|system)\d*$/;

/** Reads one; null: it is no file of a GPU's driver. */
export function parseFdinfo(text: string): DrmClient | null {
	const fields = fieldsOf(text);
	const pciAddress = fields.get("drm-pdev")?.toLowerCase();
	const id = fields.get("drm-client-id");
	if (pciAddress === undefined || id === undefined) return null;
	return { pciAddress, id, memoryBytes: memoryIn(fields), engines: enginesIn(fields) };
}

function fieldsOf(text: string): ReadonlyMap<string, string> {
	const fields = new Map<string, string>();
	for (const line of text.split("\n")) {
		const colon = line.indexOf(":");
		if (line.startsWith("drm-") && colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trim());
	}
	return fields;
}

/** `drm-resident-*` is today's key, `drm-memory-*` what amdgpu says since before there was one; both say the same thing. */
function memoryIn(fields: ReadonlyMap<string, string>): number | null {
	const own = sumOf(fields, OWN_MEMORY);
	// A card that has memory of its own says so even when a client has none of it.
	if (own !== null) return own;
	return sumOf(fields, SHARED_MEMORY);
}

function sumOf(fields: ReadonlyMap<string, string>, region: RegExp): number | null {
	const regions = new Map<string, number>();
	for (const [key, value] of fields) {
		const [, kind, name] = /^drm-(resident|memory)-(.+)$/.exec(key) ?? [];
		if (kind === undefined || name === undefined || !region.test(name)) continue;
		const bytes = bytesIn(value);
		if (bytes !== null && (kind === "resident" || !regions.has(name))) regions.set(name, bytes);
	}
	return regions.size === 0 ? null : [...regions.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function bytesIn(value: string): number | null {
	const [, digits, unit] = /^(\d+)(?:\s+([KMG]iB))?$/.exec(value) ?? [];
	return digits === undefined ? null : Number(digits) * (unit === undefined ? 1 : (UNIT_BYTES[unit] ?? 1));
}

function enginesIn(fields: ReadonlyMap<string, string>): ReadonlyMap<string, number> {
	const engines = new Map<string, number>();
	for (const [key, value] of fields) {
		const name = /^drm-engine-(?!capacity-)(.+)$/.exec(key)?.[1];
		const nanoseconds = /^(\d+) ns$/.exec(value)?.[1];
		if (name === undefined || nanoseconds === undefined) continue;
		const units = Number(fields.get(`drm-engine-capacity-${name}`) ?? 1);
		engines.set(name, Number(nanoseconds) / (units > 0 ? units : 1));
	}
	return engines;
}
