/** A count for people, its thousands set apart: `1,204`. */
export function formatCount(count: number): string {
	return count.toLocaleString("en-US");
}
