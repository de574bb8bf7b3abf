/**
 * The file that has a Linux desktop start a program with the session (XDG Autostart Specification 0.5, Desktop Entry Specification 1.5).
 * Pure.
 */

/**
 * One argument as it stands in `Exec`: within double quotes, where `"`, backtick, `$` and `\` are escaped by a backslash. That value is a string of
 * the file, in which each backslash is written twice once more; `%` begins a field code and is doubled (sections "The Exec key" and
 * "Possible value types").
 */
function quoteArgument(argument: string): string {
	const quoted = `"${argument.replace(/["`$\\]/g, (character) => `\\${character}`)}"`;
	return quoted.replaceAll("\\", "\\\\").replaceAll("%", "%%");
}

/**
 * GLib looks for the program before it has made one `%` of two, and takes no entry whose program it does not find. So a program with a `%`
 * in its path is started by the shell, to which it is an argument like others.
 */
function findable(command: readonly string[]): readonly string[] {
	return command[0]?.includes("%") === true ? ["sh", "-c", 'exec "$0" "$@"', ...command] : command;
}

/** The whole file; null: the command can't be written in one, for it holds a line break or worse. */
export function autostartEntry(command: readonly string[]): string | null {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for.
	if (command.some((argument) => /[\u0000-\u001f\u007f]/.test(argument))) return null;
	return [
		"[Desktop Entry]",
		"Type=Application",
		"Version=1.5",
		"Name=Nightshift",
		"Comment=Works through batch files while nobody needs the computer",
		`Exec=${findable(command).map(quoteArgument).join(" ")}`,
		"Icon=nightshift",
		"Terminal=false",
		"StartupNotify=false",
		// GNOME's settings switch an entry off by turning this to false, and other desktops heed it.
		"X-GNOME-Autostart-enabled=true",
		// The panel that holds the tray has to be there first.
		"X-GNOME-Autostart-Delay=5",
		"",
	].join("\n");
}
