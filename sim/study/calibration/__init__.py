"""Fits free parameters of a scenario to published numbers, and says what these identify.

:mod:`.calibrate` is the procedure. It simulates (:mod:`.simulation`) in waves
(:mod:`.design`), learns an emulator from them (:mod:`.emulator`, with :mod:`.shrinkage`), searches
the best point on it by the weights of :mod:`.weights` and takes Laplace's posterior there
(:mod:`.optimum`), and checks both (:mod:`.check`, :mod:`.pseudo_trials`). What was found becomes
tables (:mod:`.report`) and a scenario (:mod:`.calibrated_scenario`).
"""
