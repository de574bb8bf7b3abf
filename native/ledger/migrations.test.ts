import SqliteDatabase, { type Database } from "better-sqlite3";
import { expect, it } from "vitest";
import { SCHEMA_1 } from "./frozen/schema-1.ts";
import { SCHEMA_2 } from "./frozen/schema-2.ts";
import { MIGRATIONS, migrate, schemaVersion } from "./migrations.ts";
import { SCHEMA_VERSION } from "./schema.ts";

interface Definition {
	readonly type: string;
	readonly name: string;
	readonly sql: string | null;
}

/** What SQLite keeps of the tables; columns added later stand there with other blanks. */
function definitions(database: Database): Definition[] {
	const found = database.prepare<[], Definition>("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").all();
	return found.map((one) => ({
		...one,
		sql: one.sql?.replaceAll(/\s*([,()])\s*/g, "$1").replaceAll(/\s+/g, " ") ?? null,
	}));
}

it.each([
	[1, SCHEMA_1],
	[2, SCHEMA_2],
])("brings schema %i to the same tables as a new ledger has", (version, schema) => {
	const fresh = new SqliteDatabase(":memory:");
	migrate(fresh);
	const old = new SqliteDatabase(":memory:");
	old.exec(schema);
	old.pragma(`user_version = ${version}`);
	migrate(old);
	expect(definitions(old)).toEqual(definitions(fresh));
	expect([schemaVersion(old), schemaVersion(fresh)]).toEqual([SCHEMA_VERSION, SCHEMA_VERSION]);
});

it("numbers migrations without a gap, up to the version of the schema", () => {
	const versions = MIGRATIONS.map((step) => step.version);
	expect(versions).toEqual(Array.from({ length: SCHEMA_VERSION - 1 }, (_, index) => index + 2));
});
