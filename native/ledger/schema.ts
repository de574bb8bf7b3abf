/**
 * The tables as a new ledger gets them. `kv` and `op` are the truth; all others can be made anew from the log and the blobs.
 *
 * Lines and results are keyed by one integer, `lineKey(batch, line)`: half the size and twice the insert speed of a compound
 * key (measured: 605,000 against 338,000 rows a second).
 */

/** Version written to `user_version`; raised by one with every migration. */
export const SCHEMA_VERSION = 3;

/** SQL that makes the tables of `SCHEMA_VERSION` in an empty database. */
export const SCHEMA = `
CREATE TABLE kv (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE op (
	arrival INTEGER PRIMARY KEY,
	origin TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	previous TEXT NOT NULL,
	hash TEXT NOT NULL,
	kind TEXT NOT NULL,
	version INTEGER NOT NULL,
	body TEXT NOT NULL,
	at_ms INTEGER NOT NULL,
	stamp_ms INTEGER NOT NULL,
	UNIQUE (origin, sequence)
) STRICT;

CREATE TABLE parked (
	number INTEGER PRIMARY KEY,
	subject TEXT NOT NULL,
	content TEXT NOT NULL,
	origin TEXT NOT NULL,
	sequence INTEGER NOT NULL,
	at_ms INTEGER NOT NULL,
	stamp_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX parked_by_subject ON parked (subject);

CREATE TABLE file (
	ordinal INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	filename TEXT NOT NULL,
	purpose TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	digest TEXT NOT NULL,
	blobs TEXT NOT NULL,
	created_at_ms INTEGER NOT NULL,
	expires_at_ms INTEGER,
	dropped_at_ms INTEGER,
	batch INTEGER,
	origin TEXT NOT NULL,
	round INTEGER NOT NULL DEFAULT 0,
	dropped_round INTEGER
) STRICT;
CREATE INDEX file_by_batch ON file (batch) WHERE batch IS NOT NULL;

CREATE TABLE upload (
	ordinal INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	filename TEXT NOT NULL,
	purpose TEXT NOT NULL,
	mime_type TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	created_at_ms INTEGER NOT NULL,
	expires_at_ms INTEGER NOT NULL,
	file_expires_after_ms INTEGER,
	ended TEXT,
	file_id TEXT,
	origin TEXT NOT NULL
) STRICT;

CREATE TABLE upload_part (
	ordinal INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	upload_id TEXT NOT NULL REFERENCES upload (id),
	bytes TEXT NOT NULL,
	created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_part_by_upload ON upload_part (upload_id, ordinal);

CREATE TABLE batch (
	number INTEGER PRIMARY KEY,
	id TEXT NOT NULL UNIQUE,
	origin TEXT NOT NULL,
	idempotency_key TEXT,
	manifest TEXT NOT NULL,
	input_file_id TEXT NOT NULL,
	faults TEXT NOT NULL DEFAULT '[]',
	model_name TEXT,
	model_digest TEXT,
	total INTEGER NOT NULL DEFAULT 0,
	completed INTEGER NOT NULL DEFAULT 0,
	failed INTEGER NOT NULL DEFAULT 0,
	input_tokens INTEGER NOT NULL DEFAULT 0,
	cached_tokens INTEGER NOT NULL DEFAULT 0,
	output_tokens INTEGER NOT NULL DEFAULT 0,
	reasoning_tokens INTEGER NOT NULL DEFAULT 0,
	output_file_id TEXT,
	error_file_id TEXT,
	sealed TEXT,
	created_at_ms INTEGER NOT NULL,
	expires_at_ms INTEGER NOT NULL,
	in_progress_at_ms INTEGER,
	finalizing_at_ms INTEGER,
	failed_at_ms INTEGER,
	cancelling_at_ms INTEGER,
	sealed_at_ms INTEGER,
	surface TEXT NOT NULL DEFAULT 'openai',
	not_before_ms INTEGER,
	effective_until_ms INTEGER,
	is_held INTEGER NOT NULL DEFAULT 0,
	rehearsed TEXT,
	pause TEXT,
	overruled TEXT NOT NULL DEFAULT '[]',
	given_up TEXT,
	warning TEXT,
	round INTEGER NOT NULL DEFAULT 0,
	adopted INTEGER NOT NULL DEFAULT 0,
	retries INTEGER NOT NULL DEFAULT 0,
	worked_ms INTEGER NOT NULL DEFAULT 0,
	last_worked_at_ms INTEGER,
	watt_hours REAL NOT NULL DEFAULT 0,
	is_energy_measured INTEGER NOT NULL DEFAULT 1,
	collected_at_ms INTEGER,
	results_dropped_at_ms INTEGER,
	deleted_at_ms INTEGER,
	notices TEXT NOT NULL DEFAULT '[]',
	figures TEXT,
	machines TEXT
) STRICT;
CREATE INDEX batch_by_key ON batch (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX batch_open ON batch (number) WHERE sealed IS NULL AND failed_at_ms IS NULL;
CREATE INDEX batch_by_model ON batch (model_digest) WHERE model_digest IS NOT NULL;
CREATE INDEX batch_by_input ON batch (input_file_id);

CREATE TABLE decision (
	number INTEGER PRIMARY KEY,
	batch INTEGER NOT NULL,
	round INTEGER NOT NULL,
	place TEXT NOT NULL,
	at_ms INTEGER NOT NULL,
	content TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_batch ON decision (batch);

CREATE TABLE retry (
	number INTEGER PRIMARY KEY,
	batch INTEGER NOT NULL,
	round INTEGER NOT NULL,
	origin TEXT NOT NULL,
	lines TEXT
) STRICT;
CREATE INDEX retry_by_batch ON retry (batch, round);

CREATE TABLE seal (
	number INTEGER PRIMARY KEY,
	batch INTEGER NOT NULL,
	round INTEGER NOT NULL,
	digest TEXT NOT NULL,
	is_published INTEGER NOT NULL,
	place TEXT NOT NULL,
	at_ms INTEGER NOT NULL,
	content TEXT NOT NULL
) STRICT;
CREATE INDEX seal_by_batch ON seal (batch);

CREATE TABLE shared_index (
	number INTEGER PRIMARY KEY,
	batch INTEGER NOT NULL,
	digest TEXT NOT NULL,
	size_bytes INTEGER NOT NULL,
	total INTEGER NOT NULL
) STRICT;
CREATE INDEX shared_index_by_batch ON shared_index (batch);

CREATE TABLE segment (
	number INTEGER PRIMARY KEY,
	digest TEXT NOT NULL,
	batch INTEGER NOT NULL REFERENCES batch (number),
	size_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX segment_by_digest ON segment (digest);
CREATE INDEX segment_by_batch ON segment (batch);

CREATE TABLE result (
	key INTEGER PRIMARY KEY,
	is_error INTEGER NOT NULL,
	round INTEGER NOT NULL,
	hash BLOB NOT NULL,
	segment INTEGER NOT NULL,
	offset INTEGER NOT NULL,
	length INTEGER NOT NULL,
	prompt_tokens INTEGER NOT NULL,
	cached_tokens INTEGER NOT NULL,
	completion_tokens INTEGER NOT NULL,
	reasoning_tokens INTEGER NOT NULL
) STRICT;

CREATE TABLE crash (
	number INTEGER PRIMARY KEY,
	key INTEGER NOT NULL,
	round INTEGER NOT NULL
) STRICT;
CREATE INDEX crash_by_line ON crash (key);

CREATE TABLE work (
	number INTEGER PRIMARY KEY,
	batch INTEGER NOT NULL,
	at_ms INTEGER NOT NULL,
	machine TEXT NOT NULL,
	lines INTEGER NOT NULL,
	failed INTEGER NOT NULL,
	retries INTEGER NOT NULL,
	input_tokens INTEGER NOT NULL,
	cached_tokens INTEGER NOT NULL,
	output_tokens INTEGER NOT NULL,
	UNIQUE (batch, at_ms, machine)
) STRICT;
CREATE INDEX work_by_time ON work (at_ms);

CREATE TABLE duration (
	key INTEGER PRIMARY KEY,
	count INTEGER NOT NULL
) STRICT;

CREATE TABLE stint (
	number INTEGER PRIMARY KEY,
	batch INTEGER NOT NULL,
	machine TEXT NOT NULL,
	from_ms INTEGER NOT NULL,
	to_ms INTEGER NOT NULL,
	watt_hours REAL NOT NULL,
	is_measured INTEGER NOT NULL,
	origin TEXT NOT NULL
) STRICT;
CREATE INDEX stint_by_time ON stint (to_ms);
CREATE INDEX stint_by_batch ON stint (batch);

CREATE TABLE notice (
	number INTEGER PRIMARY KEY,
	at_ms INTEGER NOT NULL,
	kind TEXT NOT NULL,
	batch_id TEXT,
	message TEXT NOT NULL
) STRICT;

CREATE TABLE delivery (
	number INTEGER PRIMARY KEY,
	notice INTEGER NOT NULL,
	target TEXT NOT NULL,
	outcome TEXT NOT NULL,
	UNIQUE (notice, target)
) STRICT;

CREATE TABLE line (
	key INTEGER PRIMARY KEY,
	custom_id TEXT NOT NULL,
	offset INTEGER NOT NULL,
	length INTEGER NOT NULL,
	content_key BLOB NOT NULL,
	family INTEGER NOT NULL
) STRICT;

CREATE TABLE line_order (
	batch INTEGER NOT NULL,
	page INTEGER NOT NULL,
	lines BLOB NOT NULL,
	PRIMARY KEY (batch, page)
) STRICT, WITHOUT ROWID;

CREATE TABLE line_index (
	batch INTEGER PRIMARY KEY,
	floor INTEGER NOT NULL
) STRICT;
`;

/** Lines a batch may have in the key space: 2^30, far above what a file may hold. */
export const LINES_PER_BATCH = 2 ** 30;

/** Key of a line or result row: batch number and line in one integer; safe up to eight million batches. */
export function lineKey(batch: number, line: number): number {
	return batch * LINES_PER_BATCH + line;
}
