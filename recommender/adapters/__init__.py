"""Adapters to other software: recommenders behind HTTP, or built with cbrkit."""
