"""The replay site of `amparo demo`: invented publishers, their documents and the server for them."""
