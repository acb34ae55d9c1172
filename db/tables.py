"""The tables as SQLAlchemy Core knows them; `migrations/` makes them, a test compares the two.

Not here, because only one engine has them: `report_fts` (SQLite, FTS5, kept by triggers) and
`report_search` (PostgreSQL, generated tsvector), both described in docs/reference/database.md.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from db.types import BigKey, UtcDateTime

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

source = Table(
    "source",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("publisher_type", Text),
    Column("country", Text),
    Column("languages", JSON, nullable=False),
    Column("kind", Text),
    Column("trust", Text),
    Column("storage", Text),
    Column("relevance", Text),
    Column("licence", Text, nullable=False),
    Column("homepage", Text),
    Column("enabled", Boolean, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_synced", UtcDateTime, nullable=False),
)

crawl_run = Table(
    "crawl_run",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("trigger", Text, nullable=False),
    Column("status", Text, nullable=False, index=True),
    Column("pid", Integer),
    Column("host", Text),
    Column("started_at", UtcDateTime, nullable=False),
    Column("finished_at", UtcDateTime),
    Column("counts", JSON, nullable=False),
    Column("reason", Text, nullable=False),
    Column("error", Text, nullable=False),
    Index("ix_crawl_run_source_id_started_at", "source_id", "started_at"),
    sqlite_autoincrement=True,
)

visit = Table(
    "visit",
    metadata,
    Column("url", Text, primary_key=True),
    Column("source_id", ForeignKey("source.id"), nullable=False, index=True),
    Column("status", Integer),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_visited", UtcDateTime, nullable=False),
    Column("next_due", UtcDateTime),
    Column("failures", Integer, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
)

report = Table(
    "report",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("url", Text, nullable=False, unique=True),
    Column("url_requested", Text, nullable=False),
    Column("canonical_link", Text),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_kept", Text, nullable=False),
    Column("text_length", Integer, nullable=False),
    Column("text_sha256", Text, nullable=False),
    Column("authors", JSON, nullable=False),
    Column("language", Text),
    Column("document_type", Text),
    Column("site_name", Text),
    Column("guid", Text),
    Column("published", UtcDateTime),
    Column("published_precision", Text),
    Column("published_origin", Text),
    Column("modified", UtcDateTime),
    Column("dates", JSON, nullable=False),
    Column("tier", Text),
    Column("sides", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("priority", Text, nullable=False),
    Column("taxonomy_version", Text, nullable=False),
    Column("tag_tokens", Text, nullable=False),
    Column("content_digest", Text, index=True),
    Column("fingerprint_version", Integer),
    Column("duplicate_of", ForeignKey("report.id"), index=True),
    Column("duplicate_score", Float),
    Column("duplicate_reasons", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("sort_at", UtcDateTime, nullable=False),
    Index("ix_report_sort_at_id", "sort_at", "id"),
    Index("ix_report_source_id_sort_at", "source_id", "sort_at"),
    sqlite_autoincrement=True,
)

report_version = Table(
    "report_version",
    metadata,
    Column("report_id", ForeignKey("report.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("text_sha256", Text, nullable=False),
    Column("content_digest", Text),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("capture_digest", Text, nullable=False),
    Column("changes", JSON, nullable=False),
    PrimaryKeyConstraint("report_id", "version"),
)

report_tag = Table(
    "report_tag",
    metadata,
    Column("report_id", ForeignKey("report.id"), nullable=False),
    Column("tag_id", Text, nullable=False),
    Column("facet", Text, nullable=False),
    Column("score", Float, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("spans", JSON, nullable=False),
    Column("taxonomy_version", Text, nullable=False),
    PrimaryKeyConstraint("report_id", "tag_id"),
    Index("ix_report_tag_tag_id_report_id", "tag_id", "report_id"),
    sqlite_with_rowid=False,
)

report_sighting = Table(
    "report_sighting",
    metadata,
    Column("report_id", ForeignKey("report.id"), nullable=False),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("report_id", "source_id", "url"),
    sqlite_with_rowid=False,
)

capture = Table(
    "capture",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("report_id", ForeignKey("report.id"), index=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("url_requested", Text, nullable=False),
    Column("fetched_at", UtcDateTime, nullable=False),
    Column("status", Integer),
    Column("digest", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    UniqueConstraint("url", "fetched_at", "digest"),
)

fingerprint = Table(
    "fingerprint",
    metadata,
    Column("report_id", ForeignKey("report.id"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("bands", LargeBinary, nullable=False),
    Column("comparable", LargeBinary, nullable=False),
)

sketch = Table(
    "sketch",
    metadata,
    Column("band", BigInteger, nullable=False),
    Column("report_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("band", "report_id"),
    sqlite_with_rowid=False,
)

event = Table(
    "event",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source_id", Text),
    Column("report_id", BigInteger),
    Column("detail", JSON, nullable=False),
    sqlite_autoincrement=True,
)

tombstone = Table(
    "tombstone",
    metadata,
    Column("url", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("source_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("digest", Text),
    Column("first_at", UtcDateTime, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
    Column("count", Integer, nullable=False),
    UniqueConstraint("url", "source_id", "step"),
    Index("ix_quarantine_source_id_last_at", "source_id", "last_at"),
)
