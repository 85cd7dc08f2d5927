"""A study in five lines, to run as it is or cell by cell in a notebook (Jupyter, VS Code, Spyder).

``python examples/five_lines.py``
"""

# %% A trial of 100 participants as planned, simulated 40 times
import selfback as sb

scenario = sb.scenario("planned_2018", {"trial.sample_size": 100, "truth": True})
study = sb.run(scenario, replicates=40, jobs=2)
print(study.estimates.groupby(["analysis", "visit"])["estimate"].describe())
print(study.performance())

# %% One of these trials: its tables are DataFrames
trial = sb.trial(scenario, replicate=0)
print(trial.visits.groupby("visit", sort=False)["rmdq"].describe())
print(trial)

# %% The same analysis on tables that might be anybody's
print(sb.analyse(trial.participants, trial.visits, scenario).estimates)

# %% Would 200 participants do better? On common random numbers
larger = sb.scenario(scenario, {"trial.sample_size": 200})
print(sb.compare(scenario, larger, replicates=40, jobs=2))
