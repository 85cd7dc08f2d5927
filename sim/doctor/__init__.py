"""``selfback doctor``: whether the installation and the machine are as they should be.

Each probe looks at one thing and returns findings. It imports what it looks at, and nothing else:
so an installation can be looked at in which hardly anything works.
"""
