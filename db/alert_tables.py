"""The tables of alerts: subscribers, subscriptions, what each was given, digests, the outbox."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from db.tables import metadata
from db.types import BigKey, UtcDateTime

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("channel", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("timezone", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("confirmed_at", UtcDateTime),
    Column("asked_at", UtcDateTime),
    Column("bounces", Integer, nullable=False),
    Column("paused_reason", Text, nullable=False),
    Column("notice_to", Text),
    Column("revision", Integer, nullable=False),
    UniqueConstraint("channel", "address"),
    sqlite_autoincrement=True,
)

subscription = Table(
    "subscription",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("frequency", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("even_if_empty", Boolean, nullable=False),
    Column("allow_personal", Boolean, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("activated_at", UtcDateTime),
    Column("last_period", Text, nullable=False),
    Column("last_prepared_at", UtcDateTime),
    Column("sequence", Integer, nullable=False),
    sqlite_autoincrement=True,
)

digest = Table(
    "digest",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("content", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    sqlite_autoincrement=True,
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigKey, primary_key=True, autoincrement=True),
    Column("key", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("subscription_id", ForeignKey("subscription.id", ondelete="CASCADE"), index=True),
    Column("digest_id", ForeignKey("digest.id"), index=True),
    Column("detail", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", UtcDateTime, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", UtcDateTime),
    Column("last_error", Text, nullable=False),
    Column("sent_at", UtcDateTime),
    Index("ix_outbox_state_next_at", "state", "next_at"),
    sqlite_autoincrement=True,
)

delivery = Table(
    "delivery",
    metadata,
    Column("subscription_id", ForeignKey("subscription.id", ondelete="CASCADE"), nullable=False),
    Column("report_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("notice", Text, nullable=False),
    Column("subscriber_id", ForeignKey("subscriber.id", ondelete="CASCADE"), nullable=False),
    Column("state", Text, nullable=False),
    Column("outbox_id", BigInteger),
    PrimaryKeyConstraint("subscription_id", "report_id", "version", "notice"),
    Index("ix_delivery_subscriber_id_report_id", "subscriber_id", "report_id"),
    Index("ix_delivery_subscription_id_state", "subscription_id", "state"),
    Index("ix_delivery_outbox_id", "outbox_id"),
    sqlite_with_rowid=False,
)
