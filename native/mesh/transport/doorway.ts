/** Takes in who came through the door: hears the first words, answers them, and serves what they are about. */
import type { Connection, Connections } from "../door/door.ts";
import type { Links } from "./links.ts";
import type { Opening, Openings } from "./opening.ts";
import type { Reach } from "./reach.ts";
import type { Serve } from "./serve.ts";

/** What it is made of. */
export interface DoorwayDeps {
	readonly connections: Connections;
	readonly openings: Openings;
	readonly links: Links;
	readonly reach: Reach;
	readonly serve: Serve;
}

/** The way in. */
export interface Doorway {
	/** See `Transport`. */
	accept(connection: Connection): void;
	/** See `Transport`. */
	acceptStranger(connection: Connection): Promise<boolean>;
}

/** An open way in. */
export function createDoorway({ connections, openings, links, reach, serve }: DoorwayDeps): Doorway {
	function goOn(connection: Connection, opening: Opening): void {
		if (opening.kind === "blobs") {
			serve.take(connection, null);
			return;
		}
		const { hello } = opening;
		const { deviceId } = connection.peer;
		const isWanted = links.isWanted({ deviceId, incarnation: hello.incarnation, isOutward: false });
		openings.answer(connection, isWanted ? "welcome" : "doubled");
		if (isWanted) serve.take(connection, hello);
	}

	return {
		accept(connection) {
			if (!reach.keep(connection)) return;
			void openings.receive(connection).then((opening) => {
				if (opening !== null) goOn(connection, opening);
			});
		},
		async acceptStranger(connection) {
			const opening = await openings.receiveStranger(connection);
			if (opening === null || !connections.hold(connection) || !reach.keep(connection)) return false;
			goOn(connection, opening);
			return true;
		},
	};
}
