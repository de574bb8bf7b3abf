/**
 * From schema 1 to schema 2: what a batch was paused, warned or queued for, its retries, work and energy; notices and webhooks.
 * The log of a ledger of schema 1 knows nothing of all that, so that the defaults say what replaying it says. Three things it
 * does know in other words: manifests (now with all choices, keys in order), which file was published by which batch, and the
 * numbers of segments (now those of their operations, so that two batches may hold equal ones). Never edit it once released.
 */
export const MIGRATION_2 = `
ALTER TABLE file ADD COLUMN batch INTEGER;
CREATE INDEX file_by_batch ON file (batch) WHERE batch IS NOT NULL;
UPDATE file SET batch = batch.number FROM batch WHERE file.id IN (batch.output_file_id, batch.error_file_id);

ALTER TABLE batch ADD COLUMN surface TEXT NOT NULL DEFAULT 'openai';
ALTER TABLE batch ADD COLUMN not_before_ms INTEGER;
ALTER TABLE batch ADD COLUMN effective_until_ms INTEGER;
ALTER TABLE batch ADD COLUMN is_held INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN rehearsed TEXT;
ALTER TABLE batch ADD COLUMN pause TEXT;
ALTER TABLE batch ADD COLUMN overruled TEXT NOT NULL DEFAULT '[]';
ALTER TABLE batch ADD COLUMN given_up TEXT;
ALTER TABLE batch ADD COLUMN warning TEXT;
ALTER TABLE batch ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN retries INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN worked_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN last_worked_at_ms INTEGER;
ALTER TABLE batch ADD COLUMN watt_hours REAL NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN is_energy_measured INTEGER NOT NULL DEFAULT 1;
ALTER TABLE batch ADD COLUMN collected_at_ms INTEGER;
ALTER TABLE batch ADD COLUMN results_dropped_at_ms INTEGER;
ALTER TABLE batch ADD COLUMN deleted_at_ms INTEGER;
ALTER TABLE batch ADD COLUMN notices TEXT NOT NULL DEFAULT '[]';
CREATE INDEX batch_by_input ON batch (input_file_id);
UPDATE batch SET manifest = '{"badLines":"refuse-file","completionWindow":' || (op.body -> '$.manifest.completionWindow')
	|| ',"effectiveUntilMs":null,"endpoint":' || (op.body -> '$.manifest.endpoint')
	|| ',"format":"openai","inputFileId":' || (op.body -> '$.manifest.inputFileId')
	|| ',"metadata":' || (op.body -> '$.manifest.metadata')
	|| ',"modelOverride":' || (op.body -> '$.manifest.modelOverride')
	|| ',"notBeforeMs":null,"outputExpiresAfterMs":' || (op.body -> '$.manifest.outputExpiresAfterMs')
	|| ',"policy":{"batch_seconds":null,"batch_tokens":null,"give_up_percent":50,"line_seconds":null,"line_tokens":null,'
	|| '"most_crashes":2,"retry_backoff_ms":1000,"runaway_factor":10},"priority":"standard","rehearsal":null,'
	|| '"surface":"openai","template":null,"webhookUrl":null,"windowMs":' || (op.body -> '$.manifest.windowMs') || '}'
	FROM op WHERE op.kind = 'batch' AND batch.id = (op.body ->> '$.id');
UPDATE batch SET faults = (op.body -> '$.faults')
	FROM op WHERE op.kind = 'invalid' AND batch.id = (op.body ->> '$.batchId') AND batch.failed_at_ms IS NOT NULL;

ALTER TABLE segment RENAME TO segment_1;
CREATE TABLE segment (
	number INTEGER PRIMARY KEY,
	digest TEXT NOT NULL,
	batch INTEGER NOT NULL REFERENCES batch (number),
	size_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX segment_by_digest ON segment (digest);
CREATE INDEX segment_by_batch ON segment (batch);
INSERT INTO segment (number, digest, batch, size_bytes)
	SELECT op.sequence, op.body ->> '$.digest', batch.number, op.body ->> '$.sizeBytes'
	FROM op JOIN batch ON batch.id = (op.body ->> '$.batchId') WHERE op.kind = 'segment';
UPDATE result SET segment = coalesce((
	SELECT min(segment.number) FROM segment_1 JOIN segment ON segment.digest = segment_1.digest
	WHERE segment_1.number = result.segment AND segment.batch = result.key / 1073741824
), 0);
DROP TABLE segment_1;

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
	is_measured INTEGER NOT NULL
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
`;
