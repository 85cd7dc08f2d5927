"""Descriptions of one trial: summaries, flow, diagnostics."""
