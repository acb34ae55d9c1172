"""The vocabulary every other package speaks: frozen values, errors, settings, text folding."""
