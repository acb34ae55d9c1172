"""Keep the meaning: engine, tables, one store a subject, search. Only this package writes SQL."""
