-- The results file: what was measured, on what, and what to make of it. Any DuckDB client can read it.

-- One row a run of one benchmark: where, when and with what.
CREATE TABLE IF NOT EXISTS runs (
    run_id INTEGER PRIMARY KEY,
    benchmark VARCHAR NOT NULL,
    command VARCHAR NOT NULL,
    measured_at TIMESTAMP NOT NULL, -- UTC
    commit VARCHAR, -- ends in + where files were changed since
    cores INTEGER,
    processor VARCHAR,
    memory_gib DOUBLE,
    system VARCHAR,
    python VARCHAR,
    versions MAP(VARCHAR, VARCHAR)
);

-- One row a measurement. A contender's answers of one case and size have several runs, counted from 0.
CREATE TABLE IF NOT EXISTS results (
    run_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    benchmark VARCHAR NOT NULL,
    "case" VARCHAR NOT NULL,
    size BIGINT,
    contender VARCHAR NOT NULL,
    measure VARCHAR NOT NULL,
    value DOUBLE NOT NULL,
    run INTEGER NOT NULL
);

-- The measurements that count: of each case and size those of its last run, so that contenders stay side by side.
CREATE OR REPLACE VIEW latest AS
FROM results
QUALIFY run_id = max(run_id) OVER (PARTITION BY benchmark, "case", size);

-- One row a benchmark, case, size, contender and measure. `ratio` is its median by that of duckmark: 2 is twice as much.
-- `place` is its place in a table: cases in the order they are measured in, each from the smallest size on.
CREATE OR REPLACE VIEW medians AS
WITH
measured AS (
    SELECT
        benchmark, "case", size, contender, measure,
        median(value) AS median, min(value) AS least, max(value) AS most, count(*) AS runs,
        max(run_id) AS run_id, min(position) AS position
    FROM latest
    GROUP BY ALL
),

compared AS (
    SELECT
        *,
        median / max(median) FILTER (contender = 'duckmark') OVER (PARTITION BY benchmark, "case", size, measure)
            AS ratio,
        min(position) OVER (PARTITION BY benchmark, "case") AS begins
    FROM measured
)

SELECT
    * EXCLUDE (begins, position),
    row_number() OVER (PARTITION BY benchmark ORDER BY begins, "case", size NULLS FIRST, position) AS place
FROM compared;
