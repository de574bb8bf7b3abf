/** Addresses as people type them. */
import { isIP } from "node:net";
import { err, ok, type Result } from "../../base/base.ts";
import type { MeshFault } from "../mesh.ts";

/** Where other machines are reached unless somebody chose another port (`mesh.port`). */
export const MESH_PORT = 22_008;

const MOST_CHARACTERS = 255 + 8;
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9-]{1,63})*\.?$/;

/** Reads `host`, `host:port` or `[v6]:port`; without a port it is `MESH_PORT`. */
export function parseAddress(text: string): Result<{ readonly host: string; readonly port: number }, MeshFault> {
	const typed = text.trim();
	if (typed.length > MOST_CHARACTERS) return notAnAddress(typed.slice(0, MOST_CHARACTERS));
	if (isIP(typed) === 6) return ok({ host: typed, port: MESH_PORT });
	const [, bracketed, plain, portText] = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(typed) ?? [];
	const host = bracketed ?? plain ?? "";
	const isHost = bracketed === undefined ? isIP(host) === 4 || NAME.test(host) : isIP(host) === 6;
	const port = portText === undefined ? MESH_PORT : Number(portText);
	if (!isHost || port < 1 || port > 65_535) return notAnAddress(typed);
	return ok({ host, port });
}

function notAnAddress(typed: string): Result<never, MeshFault> {
	const message = `"${typed}" is no address. Write it like 192.168.1.20 or 192.168.1.20:${MESH_PORT}.`;
	return err({ kind: "malformed", message });
}
