"""Fits free parameters of a scenario to published numbers, and says what these identify.

:mod:`.calibrate` is the procedure. It simulates (:mod:`.simulation`), searches
(:mod:`.gauss_newton`, on the differences of :mod:`.slopes` and by the weights of :mod:`.weights`),
takes Laplace's posterior (:mod:`.laplace`) and checks it (:mod:`.check`). What was found becomes
tables (:mod:`.report`) and a scenario (:mod:`.calibrated_scenario`).
"""
