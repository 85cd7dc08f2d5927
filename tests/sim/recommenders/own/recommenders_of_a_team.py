"""Recommenders as a team might write them: ones that work, and one for every way to fail."""

import time
from dataclasses import replace

import numpy as np

from recommender.rivals import random


class Own:
    def __init__(self, settings, catalogue, generator):
        self.settings, self.generator = settings, generator
        self.inner = random(settings)

    def recommend(self, requests):
        return self.change(self.inner.recommend(requests))

    def change(self, plans):
        return plans

    def learn(self, experience):
        pass


class Shifted(Own):
    def __init__(self, *told):
        super().__init__(*told)
        self.shift = self.generator.random()

    def change(self, plans):
        return replace(plans, attributes=plans.attributes * self.shift)


class Raises(Own):
    def change(self, plans):
        raise LookupError("no\nidea")


class Late(Own):
    def change(self, plans):
        time.sleep(1.0)


class Unknown(Own):
    def change(self, plans):
        return replace(plans, attributes=plans.attributes * np.nan)


class Outside(Own):
    def change(self, plans):
        return replace(plans, exercises=plans.exercises + 10_000)


class TooFew(Own):
    def change(self, plans):
        return type(plans)(*(getattr(plans, f)[1:] for f in plans.__dataclass_fields__))


class Nothing(Own):
    def change(self, plans):
        return None


class CannotLearn(Own):
    def learn(self, experience):
        raise LookupError("too hard")


def broken(settings, catalogue, generator):
    raise LookupError("not today")
