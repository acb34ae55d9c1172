"""Subscribers, subscriptions, what each was given, digests and the outbox."""

import sqlalchemy as sa
from alembic import op

from db.types import BigKey, UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the tables of alerts."""
    op.create_table(
        "subscriber",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=False),
        sa.Column("notice_to", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subscriber"),
        sa.UniqueConstraint("channel", "address", name="uq_subscriber_channel_address"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "digest",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_digest"),
        sa.UniqueConstraint("key", name="uq_digest_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subscription",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("subscriber_id", BigKey, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("even_if_empty", sa.Boolean(), nullable=False),
        sa.Column("allow_personal", sa.Boolean(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("activated_at", UtcDateTime(), nullable=True),
        sa.Column("last_period", sa.Text(), nullable=False),
        sa.Column("last_prepared_at", UtcDateTime(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_subscription_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_subscription_subscriber_id", "subscription", ["subscriber_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("subscription_id", BigKey, nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("subscriber_id", BigKey, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name="fk_delivery_subscription_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_delivery_subscriber_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscription_id", "report_id", "version", "notice", name="pk_delivery"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_delivery_subscriber_id_report_id", "delivery", ["subscriber_id", "report_id"], unique=False
    )
    op.create_index(
        "ix_delivery_subscription_id_state", "delivery", ["subscription_id", "state"], unique=False
    )
    op.create_index("ix_delivery_outbox_id", "delivery", ["outbox_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subscriber_id", BigKey, nullable=False),
        sa.Column("subscription_id", BigKey, nullable=True),
        sa.Column("digest_id", BigKey, nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name="fk_outbox_subscriber_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name="fk_outbox_subscription_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["digest_id"], ["digest.id"], name="fk_outbox_digest_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_subscriber_id", "outbox", ["subscriber_id"], unique=False)
    op.create_index("ix_outbox_subscription_id", "outbox", ["subscription_id"], unique=False)
    op.create_index("ix_outbox_digest_id", "outbox", ["digest_id"], unique=False)
    op.create_index("ix_outbox_state_next_at", "outbox", ["state", "next_at"], unique=False)
