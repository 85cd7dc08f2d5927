"""Reads a trial's data from two tables, whatever their origin: participants and visits.

Participants: a row each, with ``participant``, ``arm`` (control or intervention), the covariates of
the plan, ``plans_made`` where adherence is known, and ``clinic`` where the plan clusters by it.
Visits: a row for each participant and visit, with ``participant``, ``visit`` and a column for each
outcome; missing is empty. A mapping gives columns and values other names (:mod:`.mapping`).

A file of any kind (:mod:`.files`) becomes a table of texts as they are written (:mod:`.table`).
Identifiers, arms, visits and levels stay texts; numbers are converted column by column
(:mod:`.numbers`). Only what the plan uses is read and checked (:mod:`.wanted`), and the first thing
that is wrong is refused by file, line, column and value. The order of rows and columns, separators,
decimal marks and encodings make no difference.
"""
