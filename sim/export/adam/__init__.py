"""ADaM-like datasets of a trial: ADSL, ADQS, ADAE, and the define.xml that describes them.

They follow CDISC's Analysis Data Model (ADaMIG 1.3, and its structure for occurrence data) as far
as a simulated trial has what it asks for. What it has not is left out and not made up: race, dates
of birth, source data (SDTM), dictionaries of adverse events.
"""
