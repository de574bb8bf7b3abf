/**
 * A connection to an X server: idle time and the window in front. The only importer of the package `x11`. Names and meanings of the
 * properties: Extended Window Manager Hints 1.5; idle time: X11 Screen Saver Extension 1.1 (`QueryInfo`).
 */
import type { Client, Display } from "x11";
import { err, errorCode, ok, type Result } from "../../base/base.ts";
import type { SourceFault } from "../source.ts";

/** The window that has the keyboard. */
export interface FrontWindow {
	readonly isFullScreen: boolean;
	/** A desktop's own: its background, its dock. */
	readonly isDesktop: boolean;
	/** As the program says; null: it does not. Within the program's own container, if it is in one. */
	readonly pid: number | null;
	/** Class of its windows, e.g. `steam_app_570`; null: none. */
	readonly className: string | null;
}

/** An X server. */
export interface Screen {
	/** Null: this server can't tell, or only of its own windows (Xwayland). */
	idleMs(): Promise<number | null>;
	/** Null: none has it, or no window manager tells. */
	frontWindow(): Promise<FrontWindow | null>;
	/** The connection has ended. */
	readonly isClosed: boolean;
	close(): void;
}

/** A server that does not answer within a second hangs. */
const ANSWER_LIMIT_MS = 1_000;

/** Properties are read up to so many words of four bytes; ours have a few. */
const MOST_WORDS = 256;

/** X11 protocol, appendix B: `PropertyChange` in a window's event mask, and the event's number. */
const PROPERTY_CHANGE_MASK = 0x40_00_00;
const PROPERTY_NOTIFY = 28;

const ATOMS = [
	"_NET_ACTIVE_WINDOW",
	"_NET_WM_STATE",
	"_NET_WM_STATE_FULLSCREEN",
	"_NET_WM_WINDOW_TYPE",
	"_NET_WM_WINDOW_TYPE_DESKTOP",
	"_NET_WM_WINDOW_TYPE_DOCK",
	"_NET_WM_PID",
	"WM_CLASS",
] as const;

/** Connects. `onFront` hears when another window comes to the front. */
export async function openScreen(name: string, onFront: () => void): Promise<Result<Screen, SourceFault>> {
	const { default: x11 } = await import("x11");
	const { promise, resolve } = Promise.withResolvers<Display | Error>();
	let isClosed = false;
	let client: Client;
	try {
		client = x11.createClient({ display: name, shm: "off" }, (error, display) => resolve(error ?? display));
	} catch (error) {
		return err({ kind: "absent", message: `DISPLAY is "${name}", which names no X server: ${wordsOf(error)}` });
	}
	// Errors after the first one show in questions that get no answer; without a listener they would end the service.
	client.on("error", resolve);
	client.on("end", () => {
		isClosed = true;
	});
	const display = await within(promise);
	if (display === null || display instanceof Error) {
		// Before it is connected there is nothing to end.
		if (display === null && "stream" in client) client.terminate();
		return err({ kind: "failed", message: `X server ${name}: ${display === null ? "no answer" : wordsOf(display)}` });
	}
	const screen = await prepare(display, onFront, () => isClosed);
	return screen ?? err({ kind: "failed", message: `X server ${name} does not answer` });
}

/** Asks once for what stays the same. */
async function prepare(
	display: Display,
	onFront: () => void,
	isClosed: () => boolean,
): Promise<Result<Screen, SourceFault> | null> {
	const { client } = display;
	// The package would remember one server's numbers for the next server too; this keeps them apart.
	client.atoms = { ...client.atoms };
	const root = display.screen[0]?.root ?? 0;
	const ids = await Promise.all(ATOMS.map((atom) => ask<number>((answer) => client.InternAtom(false, atom, answer))));
	if (ids.some((id) => id === null)) return null;
	const atoms = new Map(ATOMS.map((atom, index) => [atom, ids[index] ?? 0]));
	const wayland = await ask<{ present: number }>((answer) => client.QueryExtension("XWAYLAND", answer));
	// Xwayland sees what is typed into its own windows only.
	const saver = await askSaver(client, wayland?.present === 1);
	client.on("event", (event: { type: number; atom?: number }) => {
		if (event.type === PROPERTY_NOTIFY && event.atom === atoms.get("_NET_ACTIVE_WINDOW")) onFront();
	});
	client.ChangeWindowAttributes(root, { eventMask: PROPERTY_CHANGE_MASK });
	return ok({
		async idleMs() {
			if (saver === null) return null;
			return (await ask<{ idle: number }>((answer) => saver.QueryInfo(root, answer)))?.idle ?? null;
		},
		frontWindow: () => readFront(client, root, atoms),
		get isClosed() {
			return isClosed();
		},
		close: () => client.terminate(),
	});
}

type Saver = Parameters<Parameters<Client["require"]>[1]>[1];

async function askSaver(client: Client, isWayland: boolean): Promise<Saver | null> {
	if (isWayland) return null;
	return await ask<Saver>((answer) => client.require("screen-saver", answer));
}

async function readFront(
	client: Client,
	root: number,
	atoms: ReadonlyMap<(typeof ATOMS)[number], number>,
): Promise<FrontWindow | null> {
	const read = async (window: number, name: (typeof ATOMS)[number]): Promise<Buffer> => {
		const atom = atoms.get(name) ?? 0;
		const property = await ask<{ type: number; data: Buffer }>((answer) =>
			client.GetProperty(0, window, atom, 0, 0, MOST_WORDS, answer),
		);
		return property === null || property.type === 0 ? Buffer.alloc(0) : property.data;
	};
	const [window] = numbersIn(await read(root, "_NET_ACTIVE_WINDOW"));
	if (window === undefined || window === 0) return null;
	const [states, types, pids, names] = await Promise.all([
		read(window, "_NET_WM_STATE"),
		read(window, "_NET_WM_WINDOW_TYPE"),
		read(window, "_NET_WM_PID"),
		read(window, "WM_CLASS"),
	]);
	const own = [atoms.get("_NET_WM_WINDOW_TYPE_DESKTOP"), atoms.get("_NET_WM_WINDOW_TYPE_DOCK")];
	// Two words, each with a zero after it: the instance and the class.
	const className = names.toString("utf8").split("\0")[1] ?? "";
	return {
		isFullScreen: numbersIn(states).some((state) => state === atoms.get("_NET_WM_STATE_FULLSCREEN")),
		isDesktop: numbersIn(types).some((type) => own.includes(type)),
		pid: numbersIn(pids)[0] ?? null,
		className: className === "" ? null : className,
	};
}

/** The package asks for the byte order of the least first, on any computer. */
function numbersIn(data: Buffer): readonly number[] {
	return Array.from({ length: Math.floor(data.length / 4) }, (_, index) => data.readUInt32LE(4 * index));
}

/** Null: the server answered with an error (a window may be gone by now) or not at all. */
function ask<T>(request: (answer: (error: Error | null | undefined, value: T) => boolean) => void): Promise<T | null> {
	const { promise, resolve } = Promise.withResolvers<T | null>();
	request((error, value) => {
		resolve(error === null || error === undefined ? value : null);
		return true;
	});
	return within(promise);
}

async function within<T>(promise: Promise<T>): Promise<T | null> {
	const { promise: late, resolve } = Promise.withResolvers<null>();
	const limit = setTimeout(() => resolve(null), ANSWER_LIMIT_MS);
	const first = await Promise.race([promise, late]);
	clearTimeout(limit);
	return first;
}

function wordsOf(error: unknown): string {
	return errorCode(error) || (error instanceof Error ? error.message : String(error));
}
