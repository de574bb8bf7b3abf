/** Why something about other machines was not done, as answers. */
import { assertNever } from "../base/base.ts";
import type { MeshFault } from "../mesh/mesh.ts";
import { type ApiFault, badRequest, conflict } from "./errors.ts";

/** Says why; `param` is the field that a refusal of what was given is about. */
export function meshFault({ kind, message }: MeshFault, param: string | null = null): ApiFault {
	switch (kind) {
		case "switched-off":
			return conflict(message, "mesh_off");
		case "not-found":
			return { status: 404, message, param: param ?? "id", code: null };
		case "wrong-state":
			return conflict(message, "wrong_state");
		case "malformed":
			return badRequest(message, param, "invalid_value");
		case "refused":
			return badRequest(message, param, "pairing_refused");
		case "unreachable":
			return { status: 504, message, param, code: "machine_unreachable" };
		case "not-trusted":
			return conflict(message, "machine_not_trusted");
		case "full":
			return conflict(message, "too_many");
		case "not-stored":
			return { status: 503, message, param: null, code: "not_written" };
		default:
			return assertNever(kind);
	}
}
