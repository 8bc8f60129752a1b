"""Assignments of whole data sets as numbers: counts, comparisons, sweeps, limits."""
