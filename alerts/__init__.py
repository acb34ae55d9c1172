"""Tell: who wants what, digests, mail, webhooks, private feeds and the outbox they leave by."""
