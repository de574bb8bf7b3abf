/** A count for people, its thousands set apart: `1,204`. */
export function formatCount(count: number): string {
	return count.toLocaleString("en-US");
}

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/**
 * An amount of memory for people: `6.1 GB`, `24 GB`, `410 MB`. Powers of two under the names that graphics cards, memory modules
 * and task managers give them.
 */
export function formatBytes(sizeBytes: number): string {
	const megabytes = Math.round(Math.max(sizeBytes, 0) / MEBIBYTE);
	if (megabytes < 1_024) return `${megabytes} MB`;
	const gigabytes = sizeBytes / GIBIBYTE;
	return `${formatCount(Number(gigabytes.toFixed(gigabytes < 10 ? 1 : 0)))} GB`;
}
