"""The first schema: sources, runs, visits, reports with their index, events, quarantine, search."""

import sqlalchemy as sa
from alembic import op

from db.types import BigKey, UtcDateTime

revision = "0001"
down_revision = None

FTS5 = (
    """
    CREATE VIRTUAL TABLE report_fts USING fts5(
        title, text, tag_tokens,
        content = 'report', content_rowid = 'id',
        tokenize = 'unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER report_fts_add AFTER INSERT ON report BEGIN
        INSERT INTO report_fts (rowid, title, text, tag_tokens)
        VALUES (new.id, new.title, new.text, new.tag_tokens);
    END
    """,
    """
    CREATE TRIGGER report_fts_change AFTER UPDATE OF title, text, tag_tokens ON report BEGIN
        INSERT INTO report_fts (report_fts, rowid, title, text, tag_tokens)
        VALUES ('delete', old.id, old.title, old.text, old.tag_tokens);
        INSERT INTO report_fts (rowid, title, text, tag_tokens)
        VALUES (new.id, new.title, new.text, new.tag_tokens);
    END
    """,
    """
    CREATE TRIGGER report_fts_remove AFTER DELETE ON report BEGIN
        INSERT INTO report_fts (report_fts, rowid, title, text, tag_tokens)
        VALUES ('delete', old.id, old.title, old.text, old.tag_tokens);
    END
    """,
)

TSVECTOR = (
    # Folded words, written with the report: PostgreSQL alone folds by its locale or by extensions.
    """
    CREATE TABLE report_search (
        report_id bigint PRIMARY KEY REFERENCES report (id) ON DELETE CASCADE,
        title text NOT NULL,
        text text NOT NULL,
        tag_tokens text NOT NULL,
        words tsvector GENERATED ALWAYS AS (
            setweight(to_tsvector('simple', title), 'A')
            || setweight(to_tsvector('simple', text), 'B')
            || setweight(to_tsvector('simple', tag_tokens), 'D')
        ) STORED
    )
    """,
    "CREATE INDEX ix_report_search_words ON report_search USING gin (words)",
)


def upgrade() -> None:
    """Make every table of an empty database."""
    op.create_table(
        "event",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=True),
        sa.Column("report_id", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.UniqueConstraint("key", name="uq_event_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "quarantine",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("first_at", UtcDateTime(), nullable=False),
        sa.Column("last_at", UtcDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sa.UniqueConstraint("url", "source_id", "step", name="uq_quarantine_url_source_id_step"),
    )
    op.create_index("ix_quarantine_source_id_last_at", "quarantine", ["source_id", "last_at"], unique=False)
    op.create_table(
        "sketch",
        sa.Column("band", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("band", "report_id", name="pk_sketch"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "source",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("publisher_type", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("languages", sa.JSON(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=True),
        sa.Column("trust", sa.Text(), nullable=True),
        sa.Column("storage", sa.Text(), nullable=True),
        sa.Column("relevance", sa.Text(), nullable=True),
        sa.Column("licence", sa.Text(), nullable=False),
        sa.Column("homepage", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_synced", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_source"),
    )
    op.create_table(
        "tombstone",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("url", name="pk_tombstone"),
    )
    op.create_table(
        "crawl_run",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("trigger", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_crawl_run_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_crawl_run"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_crawl_run_source_id_started_at", "crawl_run", ["source_id", "started_at"], unique=False
    )
    op.create_index("ix_crawl_run_status", "crawl_run", ["status"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_requested", sa.Text(), nullable=False),
        sa.Column("canonical_link", sa.Text(), nullable=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_kept", sa.Text(), nullable=False),
        sa.Column("text_length", sa.Integer(), nullable=False),
        sa.Column("text_sha256", sa.Text(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("document_type", sa.Text(), nullable=True),
        sa.Column("site_name", sa.Text(), nullable=True),
        sa.Column("guid", sa.Text(), nullable=True),
        sa.Column("published", UtcDateTime(), nullable=True),
        sa.Column("published_precision", sa.Text(), nullable=True),
        sa.Column("published_origin", sa.Text(), nullable=True),
        sa.Column("modified", UtcDateTime(), nullable=True),
        sa.Column("dates", sa.JSON(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=True),
        sa.Column("sides", sa.JSON(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("taxonomy_version", sa.Text(), nullable=False),
        sa.Column("tag_tokens", sa.Text(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=True),
        sa.Column("fingerprint_version", sa.Integer(), nullable=True),
        sa.Column("duplicate_of", BigKey, nullable=True),
        sa.Column("duplicate_score", sa.Float(), nullable=True),
        sa.Column("duplicate_reasons", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("sort_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["duplicate_of"], ["report.id"], name="fk_report_duplicate_of"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_report_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_report"),
        sa.UniqueConstraint("url", name="uq_report_url"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_report_content_digest", "report", ["content_digest"], unique=False)
    op.create_index("ix_report_duplicate_of", "report", ["duplicate_of"], unique=False)
    op.create_index("ix_report_sort_at_id", "report", ["sort_at", "id"], unique=False)
    op.create_index("ix_report_source_id_sort_at", "report", ["source_id", "sort_at"], unique=False)
    op.create_table(
        "visit",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_visited", UtcDateTime(), nullable=False),
        sa.Column("next_due", UtcDateTime(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_visit_source_id"),
        sa.PrimaryKeyConstraint("url", name="pk_visit"),
    )
    op.create_index("ix_visit_source_id", "visit", ["source_id"], unique=False)
    op.create_table(
        "capture",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("report_id", BigKey, nullable=True),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_requested", sa.Text(), nullable=False),
        sa.Column("fetched_at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("content_type", sa.Text(), nullable=False),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_capture_report_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_capture_source_id"),
        sa.PrimaryKeyConstraint("id", name="pk_capture"),
        sa.UniqueConstraint("url", "fetched_at", "digest", name="uq_capture_url_fetched_at_digest"),
    )
    op.create_index("ix_capture_report_id", "capture", ["report_id"], unique=False)
    op.create_table(
        "fingerprint",
        sa.Column("report_id", BigKey, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("bands", sa.LargeBinary(), nullable=False),
        sa.Column("comparable", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_fingerprint_report_id"),
        sa.PrimaryKeyConstraint("report_id", name="pk_fingerprint"),
    )
    op.create_table(
        "report_sighting",
        sa.Column("report_id", BigKey, nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("first_seen", UtcDateTime(), nullable=False),
        sa.Column("last_seen", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_report_sighting_report_id"),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name="fk_report_sighting_source_id"),
        sa.PrimaryKeyConstraint("report_id", "source_id", "url", name="pk_report_sighting"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report_tag",
        sa.Column("report_id", BigKey, nullable=False),
        sa.Column("tag_id", sa.Text(), nullable=False),
        sa.Column("facet", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.Column("taxonomy_version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_report_tag_report_id"),
        sa.PrimaryKeyConstraint("report_id", "tag_id", name="pk_report_tag"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_report_tag_tag_id_report_id", "report_tag", ["tag_id", "report_id"], unique=False)
    op.create_table(
        "report_version",
        sa.Column("report_id", BigKey, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.Text(), nullable=False),
        sa.Column("content_digest", sa.Text(), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("capture_digest", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name="fk_report_version_report_id"),
        sa.PrimaryKeyConstraint("report_id", "version", name="pk_report_version"),
    )
    for statement in FTS5 if op.get_context().dialect.name == "sqlite" else TSVECTOR:
        op.execute(statement)
