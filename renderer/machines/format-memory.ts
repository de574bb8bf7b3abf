const MEGABYTE = 2 ** 20;
const GIGABYTE = 2 ** 30;

/**
 * An amount of memory, e.g. `6.1 GB`, `24 GB`, `410 MB`, in powers of two under the names that graphics cards and memory modules are
 * sold by: a card of 24 GB says 24, and the reasons that the service writes count the same way. Files are another matter
 * (`formatBytes`).
 */
export function formatMemory(bytes: number): string {
	const gigabytes = bytes / GIGABYTE;
	const isSmall = gigabytes < 0.95;
	const digits = !isSmall && gigabytes < 9.95 ? 1 : 0;
	const format = new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits });
	return isSmall ? `${format.format(bytes / MEGABYTE)} MB` : `${format.format(gigabytes)} GB`;
}
