import type { Database } from "better-sqlite3";
import { MIGRATION_2 } from "./migration-2.ts";
import { MIGRATION_3 } from "./migration-3.ts";
import { SCHEMA, SCHEMA_VERSION } from "./schema.ts";

/** One step from `version - 1` to `version`. Never edited once released. */
export interface Migration {
	readonly version: number;
	readonly sql: string;
}

/** All steps since the first release, ascending. */
export const MIGRATIONS: readonly Migration[] = [
	{ version: 2, sql: MIGRATION_2 },
	{ version: 3, sql: MIGRATION_3 },
];

/** Version of the tables in a database; 0: none yet. */
export function schemaVersion(database: Database): number {
	const version: unknown = database.pragma("user_version", { simple: true });
	return typeof version === "number" ? version : 0;
}

/** Makes the tables or brings them up to `SCHEMA_VERSION`, all or nothing. The version found must not be newer. */
export function migrate(database: Database): void {
	const found = schemaVersion(database);
	if (found === SCHEMA_VERSION) return;
	database.transaction(() => {
		if (found === 0) {
			database.exec(SCHEMA);
		} else {
			for (const step of MIGRATIONS) if (step.version > found) database.exec(step.sql);
		}
		database.pragma(`user_version = ${SCHEMA_VERSION}`);
	})();
}
