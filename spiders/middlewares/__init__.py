"""Between the spiders and the network: each file one rule of safe and polite crawling."""
