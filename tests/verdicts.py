"""What the cleaning rules decided on each raw event."""

import duckdb


def reasons(con: duckdb.DuckDBPyConnection) -> list[str | None]:
    """Why each raw event was dropped, in their order; None where it was kept."""
    query = """
        SELECT reason
        FROM duckmark.raw_events
        LEFT JOIN duckmark.event_checks
            ON event_checks.event_id = raw_events.event_id
        ORDER BY raw_events.event_id
    """
    return [reason for (reason,) in con.execute(query).fetchall()]
