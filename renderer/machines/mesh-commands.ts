/** Does things to the machines. What has changed shows when the service has answered, never before. */
import type { Joined, MeshView, PairingJoin, PairingView } from "../../native/contract/contract.ts";
import { type Answer, call } from "../api/client.ts";
import { usePresent } from "../state/present.ts";
import { changeSettings } from "../state/settings.ts";
import { say } from "../ui/ui.ts";
import { words } from "../words/words.ts";

/** Showing a code and taking it back go one after the other, however quickly a dialog is closed and opened again. */
let last: Promise<unknown> = Promise.resolve();

function inTurn<Value>(ask: () => Promise<Value>): Promise<Value> {
	const turn = last.then(ask);
	last = turn.catch(() => undefined);
	return turn;
}

/** The code that is shown; shows one where none is. */
export function showCode(): Promise<Answer<PairingView>> {
	return inTurn(async () => {
		const present = await call<PairingView>("/api/pairing");
		if (!present.ok || present.value.pairing !== null) return present;
		return call<PairingView>("/api/pairing", { method: "POST" });
	});
}

/** Takes the code back. One that is gone already is no fault, and one that stays ends by itself within two minutes. */
export function hideCode(): Promise<Answer<void>> {
	return inTurn(() => call<void>("/api/pairing", { method: "DELETE" }));
}

/** Joins another machine; a refusal is for the dialog to show. */
export function joinMachine(wish: PairingJoin): Promise<Answer<Joined>> {
	return call<Joined>("/api/pairing/join", { body: wish });
}

/** Makes a machine host. */
export function makeHost(id: string, name: string): Promise<Answer<MeshView>> {
	return change(`/api/machines/${id}/host`, "POST", words.mesh.becameHost(name));
}

/** Removes a machine; with its own id this one leaves. */
export function removeMachine(id: string, said: string): Promise<Answer<MeshView>> {
	return change(`/api/machines/${id}`, "DELETE", said);
}

/** Lets a machine stay that waits for it. */
export function approveMachine(id: string, name: string): Promise<Answer<MeshView>> {
	return change(`/api/machines/${id}/approve`, "POST", words.mesh.approved(name));
}

/** Looks for machines at an address; a refusal is for the field to show. */
export async function addAddress(address: string): Promise<Answer<MeshView>> {
	const answer = await call<MeshView>("/api/machines/addresses", { body: { address } });
	if (answer.ok) {
		take(answer.value);
		say(words.mesh.remembered);
	}
	return answer;
}

/** Switches working together on. */
export async function switchOn(): Promise<void> {
	const answer = await changeSettings({ mesh: { isOn: true } });
	if (!answer.ok) say(answer.error.message);
}

async function change(path: string, method: "POST" | "DELETE", said: string): Promise<Answer<MeshView>> {
	const answer = await call<MeshView>(path, { method });
	if (answer.ok) take(answer.value);
	say(answer.ok ? said : answer.error.message);
	return answer;
}

/** As the service has just told it, until the stream tells more. */
function take(view: MeshView): void {
	usePresent.setState({ mesh: { ...view, pairing: null } });
}
