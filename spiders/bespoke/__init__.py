"""The few spiders that read more than their kind does; spiders/kinds.py names them."""
