/** Class names as one string; what is false or missing is left out. */
export function join(...names: readonly (string | false | null | undefined)[]): string {
	return names.filter((name) => typeof name === "string" && name !== "").join(" ");
}
