"""The fault test: real processes under load while a nemesis breaks them, and a checker of what they had promised.

For development only, beside benchmarks/ and tests/; docs/torture.md tells how it works.
"""
