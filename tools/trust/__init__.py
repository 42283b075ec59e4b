"""Trust: the same answer however a statement is typed, and nothing that breaks it. Measured, with a table.

python tools/trust            a small size of every part, under a minute
python tools/trust --full     the sizes that docs/trust.md tells, and rewrites the tables there; takes hours
"""
