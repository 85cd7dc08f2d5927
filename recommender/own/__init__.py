"""Users' own recommenders: importing, conformance checks, supervision in a trial."""
