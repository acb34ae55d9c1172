"""Index pages read by pure functions: bytes in, addresses out. No network, no clock, no Scrapy."""
