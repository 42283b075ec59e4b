"""Files of statements: reading, writing, long runs, prose and reports."""
