/**
 * The rule in Windows' firewall, and the mark in the registry that it was made: which commands make them, and what their answers mean. Pure.
 *
 * - The rule is for the program and not for a port: the mesh falls back to a free port where its own is taken, and listens by UDP as well.
 * - Rules of the same program are taken away first. Where Windows asked by itself and was refused, or the user is no administrator, it has
 *   made rules that block the program, and those win against any that allow.
 * - One command that does both, since each elevated program asks once.
 */
import { win32 } from "node:path";
import { firewallWords } from "../words/firewall.ts";
import type { Command, Ran } from "./run-program.ts";

/** What the rule is called; the uninstaller deletes it by this name. */
export const RULE_NAME = "Nightshift";
/** Where the uninstaller looks whether there is a rule of ours. */
const MARK_KEY = "HKCU\\Software\\Nightshift";
const MARK_VALUE = "FirewallRule";

/** Windows' own question ends by itself after two minutes; who types an administrator's password there takes no longer. */
const CONSENT_LIMIT_MS = 5 * 60_000;
/** The registry answers at once; a virus scanner that looks at each new process takes some seconds. */
const REGISTRY_LIMIT_MS = 15_000;

/** `ERROR_CANCELLED`: somebody said no, or nobody said anything. */
const REFUSED_CODE = 1223;
/** The variable by which the script below is told what to run elevated: so no path is ever part of a script. */
const ELEVATED_WORDS = "NIGHTSHIFT_ELEVATED_WORDS";

/**
 * Runs cmd.exe elevated, and ends as it does. Not `Start-Process`: of a refusal that only has words, in the user's language. It has no
 * double quotes, so that nothing of it depends on how a command line is taken apart.
 */
const ELEVATE = `
$ErrorActionPreference = 'Stop'
try {
	$start = New-Object System.Diagnostics.ProcessStartInfo
	$start.FileName = [Environment]::SystemDirectory + '\\cmd.exe'
	$start.Arguments = $env:${ELEVATED_WORDS}
	$start.Verb = 'runas'
	$start.UseShellExecute = $true
	$start.WindowStyle = 'Hidden'
	$process = [System.Diagnostics.Process]::Start($start)
	$process.WaitForExit()
	exit $process.ExitCode
} catch {
	$cause = $_.Exception.GetBaseException()
	if ($cause -is [System.ComponentModel.Win32Exception] -and $cause.NativeErrorCode -eq ${REFUSED_CODE}) { exit ${REFUSED_CODE} }
	[Console]::OutputEncoding = [System.Text.Encoding]::UTF8
	[Console]::Error.WriteLine($cause.Message)
	exit 1
}`
	.trim()
	.replaceAll(/\s*\n\s*/g, "\n");

/** Where the system's programs are. `systemRoot`: of the environment; what can't be a folder of Windows' is passed over. */
export function systemFolder(systemRoot: string | undefined): string {
	return win32.join(systemRoot !== undefined && isPlain(systemRoot) ? systemRoot : "C:\\Windows", "System32");
}

/**
 * Asks for an administrator's consent, and makes the rule for a program. Null: the program's path can't be told to Windows' firewall, which
 * takes a percent sign for a variable, and judges only programs of this computer.
 */
export function allowCommand(program: string, system: string): Command | null {
	if (!isPlain(program)) return null;
	const netsh = `"${win32.join(system, "netsh.exe")}" advfirewall firewall`;
	const remove = `${netsh} delete rule name=all dir=in program="${program}"`;
	// Public networks are other people's. A machine of a company is on its domain's.
	const add = `${netsh} add rule name="${RULE_NAME}" dir=in action=allow profile=private,domain enable=yes program="${program}"`;
	return {
		path: win32.join(system, "WindowsPowerShell\\v1.0\\powershell.exe"),
		words: ["-NoProfile", "-NonInteractive", "-Command", ELEVATE],
		// `/s` takes the outermost quotes away and nothing else; `/d`: no commands of the user's own first. It ends as the last of both
		// does: that there was nothing to take away is no failure.
		environment: { [ELEVATED_WORDS]: `/d /v:off /s /c "${remove} & ${add}"` },
		limitMs: CONSENT_LIMIT_MS,
	};
}

/** What came of asking: the rule is there, somebody said no, or why it failed, in words. */
export type Allowed =
	| { readonly kind: "made" }
	| { readonly kind: "refused" }
	| { readonly kind: "failed"; readonly reason: string };

/** Reads the end of `allowCommand`. */
export function allowedBy(ran: Ran): Allowed {
	if (ran.kind === "failed") return { kind: "failed", reason: ran.message };
	if (ran.code === 0) return { kind: "made" };
	if (ran.code === REFUSED_CODE) return { kind: "refused" };
	return { kind: "failed", reason: lastWords(ran) };
}

/** Asks whether the mark is there. */
export function findMarkCommand(system: string): Command {
	return registry(system, ["query", MARK_KEY, "/v", MARK_VALUE]);
}

/** Whether the mark is there, by the end of `findMarkCommand`; a value that isn't there is an error to it. */
export function hasMark(ran: Ran): boolean {
	return (
		ran.kind === "ended" && ran.code === 0 && new RegExp(`^\\s*${MARK_VALUE}\\s+REG_SZ\\s+1\\s*$`, "m").test(ran.output)
	);
}

/** Sets the mark, whatever is there. */
export function setMarkCommand(system: string): Command {
	return registry(system, ["add", MARK_KEY, "/v", MARK_VALUE, "/t", "REG_SZ", "/d", "1", "/f"]);
}

/** Why a command that was to end well did not, in words; null: it did. */
export function faultOf(ran: Ran): string | null {
	if (ran.kind === "failed") return ran.message;
	return ran.code === 0 ? null : lastWords(ran);
}

function lastWords({ code, output }: Extract<Ran, { readonly kind: "ended" }>): string {
	return output === "" ? firewallWords.endedWith(code) : output;
}

function registry(system: string, words: readonly string[]): Command {
	return { path: win32.join(system, "reg.exe"), words, environment: {}, limitMs: REGISTRY_LIMIT_MS };
}

/** A path on a drive that means the same within quotes to cmd.exe, netsh and the firewall as it does here. */
function isPlain(path: string): boolean {
	return /^[A-Za-z]:\\[^"%\p{Cc}]*$/u.test(path);
}
